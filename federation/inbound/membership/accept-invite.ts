import type { OpenRoom } from '../../../homeserver/rooms/open-room.ts'
import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import type { SignedPdu } from '../../../protocol/events/room-event.ts'
import { signPdu } from '../../../protocol/events/sign.ts'
import { isUserId, serverOf } from '../../../protocol/identifiers/user-id.ts'
import type { JsonObject, JsonValue } from '../../../protocol/json/value.ts'
import type { RoomVersionRules } from '../../../protocol/room-versions/rules.ts'
import { OUTSIDE_MEMBERSHIP } from '../../../storage/rooms/outside-membership.ts'
import type { VerifiedOrigin } from '../authenticate.ts'
import type { InboundContext } from '../inbound-context.ts'
import { withPolicySignature } from '../policy/recommended-events.ts'
import { isComplete, missingCauses } from '../receipt/missing-causes.ts'
import { joinedRoom, refuseByAcl } from '../resident-room.ts'
import { checkInviteState } from './check-invite-state.ts'
import { readMembershipEvent, verifyMembershipEvent } from './read-membership-event.ts'

/** An invite as another server sends it. */
export interface ReceivedInvite {
  readonly roomId: string
  readonly eventId: string
  readonly pdu: JsonObject
  readonly version: RoomVersionRules
  /** `invite_room_state`, whatever it is. */
  readonly roomState: JsonValue | undefined
}

/**
 * Checks an invite of one of our users, tells the user, and signs it (server-server API, "Inviting to a room").
 *
 * @returns the event with our signature.
 * @throws MatrixError 400 M_INVALID_PARAM and its like, 403 M_FORBIDDEN, M_INVITE_BLOCKED, 404 M_NOT_FOUND.
 */
export async function acceptInvite(
  context: InboundContext,
  origin: VerifiedOrigin,
  invite: ReceivedInvite,
): Promise<JsonObject> {
  const { rooms } = context
  const { roomId, eventId, version } = invite
  const expected = { roomId, eventId, membership: 'invite', origin } as const
  const read = readMembershipEvent(invite.pdu, version, expected)
  const { sender, stateKey: target = '' } = read
  if (!isUserId(target) || serverOf(target) !== rooms.serverName) {
    throw new MatrixError(400, 'M_INVALID_PARAM', 'The invited user is not of this server')
  }
  const room = await joinedRoom(context, roomId)
  if (room) await refuseByAcl(room, origin)
  await verifyMembershipEvent(context, read.pdu, version)
  const strippedState = await checkInviteState(context, read, invite.roomState)
  await context.invites.check({ sender, target, roomId })

  const signed = signPdu(read.pdu, version, rooms.signer)
  const event = await verifyMembershipEvent(context, signed, version)
  if (room) await receiveEarly(context, room, event)
  else await tellUser(context, event, target, strippedState)
  return signed
}

/**
 * A room that this server is in gets the invite as an event from the inviter's server. When all its causes are
 * here, it is taken now, so that the user is told at once.
 */
async function receiveEarly(context: InboundContext, room: OpenRoom, invite: SignedPdu): Promise<void> {
  if (!isComplete(await missingCauses(room, invite))) return
  const event = await withPolicySignature(context, room, invite)
  const { events } = await context.writer.submit(event.roomId, { kind: 'receive', events: [{ event }] })
  if (events[0]?.verdict === 'accepted') return
  throw new MatrixError(403, 'M_FORBIDDEN', events[0]?.reason ?? 'The room does not allow the invite')
}

async function tellUser(
  { rooms: { interner, committer } }: InboundContext,
  event: SignedPdu,
  target: string,
  strippedState: readonly JsonObject[],
): Promise<void> {
  await committer.submit(OUTSIDE_MEMBERSHIP, {
    userNid: await interner.userNid(target),
    // The version is the inviter's claim, and would stand in the way of a later join if it were wrong.
    roomNid: await interner.roomNid(event.roomId, undefined),
    membership: 'invite',
    senderNid: await interner.userNid(event.sender),
    eventPdu: Buffer.from(JSON.stringify(event.pdu)),
    strippedState: Buffer.from(JSON.stringify(strippedState)),
  })
}
