import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import type { UnverifiedPdu } from '../../../protocol/events/room-event.ts'
import {
  MAX_STRIPPED_STATE_EVENTS,
  readStrippedState,
  toStrippedState,
} from '../../../protocol/events/stripped-state.ts'
import type { JsonObject, JsonValue } from '../../../protocol/json/value.ts'
import { verifyPdus } from '../../keys/verify-pdus.ts'
import type { InboundContext } from '../inbound-context.ts'

/**
 * The stripped state of `invite_room_state`. Where the room id proves the create event, everything in it must be
 * signed events of that room with the create event among them; in older room versions, whose servers still send
 * stripped events, what can be read counts (server-server API, "Inviting to a room").
 *
 * @throws MatrixError 400 M_INVALID_PARAM, M_MISSING_PARAM.
 */
export async function checkInviteState(
  { keyRing }: Pick<InboundContext, 'keyRing'>,
  invite: UnverifiedPdu,
  value: JsonValue | undefined,
): Promise<JsonObject[]> {
  if (!invite.version.roomIdIsCreateHash) return readStrippedState(value)
  if (value === undefined) throw new MatrixError(400, 'M_MISSING_PARAM', '`invite_room_state` is missing')
  if (!Array.isArray(value) || value.length > MAX_STRIPPED_STATE_EVENTS) {
    throw invalid(`\`invite_room_state\` must be a list of ${MAX_STRIPPED_STATE_EVENTS} events at most`)
  }
  const events = (await verifyPdus(keyRing, value, invite.version)).map((verified) => {
    if (!verified.ok) throw invalid(`An event of \`invite_room_state\` is not valid: ${verified.reason}`)
    if (verified.event.roomId !== invite.roomId || verified.event.stateKey === undefined) {
      throw invalid('An event of `invite_room_state` is no state event of the room')
    }
    return verified.event
  })
  if (!events.some(({ type }) => type === 'm.room.create')) {
    throw new MatrixError(400, 'M_MISSING_PARAM', '`invite_room_state` has no create event')
  }
  return readStrippedState(events.map(toStrippedState))
}

function invalid(sentence: string): MatrixError {
  return new MatrixError(400, 'M_INVALID_PARAM', sentence)
}
