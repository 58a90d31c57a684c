import type { OpenRoom } from '../../../homeserver/rooms/open-room.ts'
import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { contentHashMatches } from '../../../protocol/events/content-hash.ts'
import { parsePdu } from '../../../protocol/events/parse-pdu.ts'
import { PduError } from '../../../protocol/events/pdu-error.ts'
import type { RoomEvent, SignedPdu, UnverifiedPdu } from '../../../protocol/events/room-event.ts'
import { serverOf } from '../../../protocol/identifiers/user-id.ts'
import { ownValue, type JsonObject } from '../../../protocol/json/value.ts'
import type { RoomVersionRules } from '../../../protocol/room-versions/rules.ts'
import { verifyPdus } from '../../keys/verify-pdus.ts'
import type { VerifiedOrigin } from '../authenticate.ts'
import type { InboundContext } from '../inbound-context.ts'
import { withPolicySignature } from '../policy/recommended-events.ts'

/** What the path and the endpoint say about a membership event that is submitted. */
export interface ExpectedMembership {
  readonly roomId: string
  readonly eventId: string
  readonly membership: 'join' | 'leave' | 'knock' | 'invite'
  readonly origin: VerifiedOrigin
}

/**
 * Reads a membership event and checks what each endpoint that takes one has to (server-server API, `PUT
 * /send_join` and its like): type, membership, sender, and that it is the event that the path names. Its signatures
 * are not verified yet. A field `origin` says nothing: Synapse leaves that of our template in it.
 *
 * @throws MatrixError 400 M_BAD_JSON, M_INVALID_PARAM; 413 M_TOO_LARGE.
 */
export function readMembershipEvent(
  pdu: JsonObject,
  version: RoomVersionRules,
  expected: ExpectedMembership,
): UnverifiedPdu {
  const event = parse(pdu, version)
  if (event.roomId !== expected.roomId) throw invalid('The event is of another room than the path says')
  if (event.eventId !== expected.eventId) throw invalid('The event has another id than the path says')
  if (event.type !== 'm.room.member' || event.stateKey === undefined) throw invalid('Not a membership event')
  if (ownValue(event.content, 'membership') !== expected.membership) {
    throw invalid(`The membership of the event is not ${expected.membership}`)
  }
  if (serverOf(event.sender) !== expected.origin) throw invalid('The sender is not of your server')
  if (expected.membership !== 'invite' && event.stateKey !== event.sender) {
    throw invalid('The state_key is not the sender')
  }
  return event
}

/**
 * Verifies the content hash and the signatures of such an event. One whose hash is wrong is refused here, where its
 * sender can be told, instead of being redacted.
 *
 * @param pdu the event, with a signature of ours where it needs one.
 * @throws MatrixError 400 M_INVALID_PARAM.
 */
export async function verifyMembershipEvent(
  { keyRing }: Pick<InboundContext, 'keyRing'>,
  pdu: JsonObject,
  version: RoomVersionRules,
): Promise<SignedPdu> {
  if (!contentHashMatches(pdu, version)) throw invalid('The content hash of the event is wrong')
  const [verified] = await verifyPdus(keyRing, [pdu], version)
  if (!verified?.ok) throw invalid(verified?.reason ?? 'The event cannot be verified')
  return verified.event
}

/**
 * Hands an event to its room.
 *
 * @throws MatrixError 403 M_FORBIDDEN when the rules refuse it, now or where it stands; the refusal of the room's
 *   policy server.
 */
export async function acceptMembershipEvent(
  context: InboundContext,
  room: OpenRoom,
  submitted: SignedPdu,
): Promise<RoomEvent> {
  const event = await withPolicySignature(context, room, submitted)
  const { events } = await context.writer.submit(room.head.roomId, { kind: 'receive', events: [{ event }] })
  const [judged] = events
  if (judged?.verdict === 'accepted') return judged
  throw new MatrixError(403, 'M_FORBIDDEN', judged?.reason ?? 'The room does not allow it')
}

function parse(pdu: JsonObject, version: RoomVersionRules): UnverifiedPdu {
  try {
    return parsePdu(pdu, version)
  } catch (error) {
    if (!(error instanceof PduError)) throw error
    throw new MatrixError(error.errcode === 'M_TOO_LARGE' ? 413 : 400, error.errcode, error.message)
  }
}

function invalid(sentence: string): MatrixError {
  return new MatrixError(400, 'M_INVALID_PARAM', sentence)
}
