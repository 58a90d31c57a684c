import { membershipIn } from '../../../homeserver/rooms/membership-in.ts'
import type { RoomEvent } from '../../../protocol/events/room-event.ts'
import { strippedRoomVersion } from '../../../protocol/events/stripped-state.ts'
import { isUserId, serverOf } from '../../../protocol/identifiers/user-id.ts'
import { parseJson } from '../../../protocol/json/parse.ts'
import { ownValue, type JsonObject } from '../../../protocol/json/value.ts'
import type { RoomVersionRules } from '../../../protocol/room-versions/rules.ts'
import type { RoomNid, UserNid } from '../../../storage/numeric-ids.ts'
import { findMembership, type MembershipRow } from '../../../storage/rooms/membership-reader.ts'
import { OUTSIDE_MEMBERSHIP } from '../../../storage/rooms/outside-membership.ts'
import { verifyPdus } from '../../keys/verify-pdus.ts'
import type { InboundContext } from '../inbound-context.ts'
import type { PduResults } from '../receive-event.ts'

/** An invite or knock of one of our users in a room that this server is not in. */
interface OpenQuestion {
  readonly userNid: UserNid
  readonly roomNid: RoomNid
  readonly row: MembershipRow
  readonly version: RoomVersionRules
}

/**
 * Takes in what is sent of a room that this server is not in: only the end of an invite or knock of one of our
 * users counts. Its place in the room cannot be judged here, so an invite is only taken back by the inviter's
 * server; a knock may be refused by anybody, since it names nobody.
 */
export async function receiveOutside(
  context: InboundContext,
  roomId: string,
  pdus: readonly JsonObject[],
): Promise<PduResults> {
  const results: PduResults = new Map()
  for (const pdu of pdus) {
    const question = await openQuestion(context, roomId, pdu)
    if (!question) continue
    const [verified] = await verifyPdus(context.keyRing, [pdu], question.version)
    if (!verified) continue
    if (verified.ok) await endMembership(context, question, verified.event)
    const eventId = verified.ok ? verified.event.eventId : verified.eventId
    if (eventId !== undefined) results.set(eventId, verified.ok ? undefined : verified.reason)
  }
  return results
}

async function openQuestion(
  { rooms: { interner, queries, serverName } }: InboundContext,
  roomId: string,
  pdu: JsonObject,
): Promise<OpenQuestion | undefined> {
  const userId = ownValue(pdu, 'state_key')
  if (ownValue(pdu, 'type') !== 'm.room.member' || typeof userId !== 'string' || !isUserId(userId))
    return undefined
  if (serverOf(userId) !== serverName || roomId.includes('\0')) return undefined
  const userNid = await interner.findUserNid(userId)
  const roomNid = await interner.findRoomNid(roomId)
  if (userNid === undefined || roomNid === undefined) return undefined
  const row = await findMembership(queries, userNid, roomNid)
  if (!row?.outside || (row.membership !== 'invite' && row.membership !== 'knock')) return undefined
  const version = strippedRoomVersion(row.stripped_state === null ? undefined : parseJson(row.stripped_state))
  return version && { userNid, roomNid, row, version }
}

async function endMembership(
  { rooms: { interner, committer } }: InboundContext,
  { userNid, roomNid, row }: OpenQuestion,
  event: RoomEvent,
): Promise<void> {
  const membership = membershipIn(event)
  if (membership !== 'leave' && membership !== 'ban') return
  if (row.membership === 'invite') {
    const inviter = (await interner.userIds([row.sender_nid])).get(row.sender_nid)
    if (inviter !== event.sender) return
  }
  await committer.submit(OUTSIDE_MEMBERSHIP, {
    userNid,
    roomNid,
    membership,
    senderNid: await interner.userNid(event.sender),
    eventPdu: Buffer.from(JSON.stringify(event.pdu)),
    strippedState: row.stripped_state ?? undefined,
  })
}
