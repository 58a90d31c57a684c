import { membershipIn } from '../../../homeserver/rooms/membership-in.ts'
import type { RoomEvent } from '../../../protocol/events/room-event.ts'
import { serverOf } from '../../../protocol/identifiers/user-id.ts'
import type { JsonObject } from '../../../protocol/json/value.ts'
import { roomVersion } from '../../../protocol/room-versions/room-versions.ts'
import { findMembership } from '../../../storage/rooms/membership-reader.ts'
import { OUTSIDE_MEMBERSHIP } from '../../../storage/rooms/outside-membership.ts'
import { verifyPdus } from '../../keys/verify-pdus.ts'
import type { InboundContext } from '../inbound-context.ts'
import type { PduResults } from '../receive-event.ts'

/**
 * Takes in what is sent of a room that this server is not in: only the end of an invite or knock of one of our
 * users counts. Its place in the room cannot be judged here, so it must come from a server that has had its say
 * before: the inviter's, or for a knock the one that it was sent to is not known, and any in the room may answer.
 */
export async function receiveOutside(
  context: InboundContext,
  roomId: string,
  pdus: readonly JsonObject[],
): Promise<PduResults> {
  const { interner } = context.rooms
  const roomNid = await interner.findRoomNid(roomId)
  const versionId = roomNid === undefined ? undefined : await interner.roomVersionOf(roomNid)
  const version = versionId === undefined ? undefined : roomVersion(versionId)
  if (!version) return new Map()
  const results: PduResults = new Map()
  for (const verified of await verifyPdus(context.keyRing, pdus, version)) {
    if (!verified.ok) {
      if (verified.eventId !== undefined) results.set(verified.eventId, verified.reason)
      continue
    }
    await endMembership(context, verified.event)
    results.set(verified.event.eventId, undefined)
  }
  return results
}

async function endMembership({ rooms }: InboundContext, event: RoomEvent): Promise<void> {
  const { interner, queries, committer, serverName } = rooms
  const { type, stateKey, sender, roomId } = event
  if (type !== 'm.room.member' || stateKey === undefined || serverOf(stateKey) !== serverName) return
  const membership = membershipIn(event)
  if (membership !== 'leave' && membership !== 'ban') return
  const userNid = await interner.findUserNid(stateKey)
  const roomNid = await interner.findRoomNid(roomId)
  if (userNid === undefined || roomNid === undefined) return
  const before = await findMembership(queries, userNid, roomNid)
  if (!before?.outside || (before.membership !== 'invite' && before.membership !== 'knock')) return
  if (before.membership === 'invite') {
    const inviter = (await interner.userIds([before.sender_nid])).get(before.sender_nid)
    if (inviter === undefined || serverOf(inviter) !== serverOf(sender)) return
  }
  await committer.submit(OUTSIDE_MEMBERSHIP, {
    userNid,
    roomNid,
    membership,
    senderNid: await interner.userNid(sender),
    eventPdu: Buffer.from(JSON.stringify(event.pdu)),
    strippedState: before.stripped_state ?? undefined,
  })
}
