import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import type { UnverifiedPdu } from '../../../protocol/events/room-event.ts'
import {
  MAX_STRIPPED_STATE_EVENTS,
  readStrippedState,
  toStrippedState,
} from '../../../protocol/events/stripped-state.ts'
import { isJsonObject, ownValue, type JsonObject, type JsonValue } from '../../../protocol/json/value.ts'
import { verifyPdus } from '../../keys/verify-pdus.ts'
import type { InboundContext } from '../inbound-context.ts'

const BEYOND_STRIPPED = ['auth_events', 'prev_events', 'hashes', 'signatures']

/**
 * The stripped state of `invite_room_state` (server-server API, "Inviting to a room"). Where the room id proves the
 * create event, that event must be in it, and whatever has the form of an event of the room must be a valid one.
 * Stripped events are taken as they are in every room version: Synapse 1.160 still sends nothing else.
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
  const whole = value.filter((event) => !isStripped(event))
  const events = (await verifyPdus(keyRing, whole, invite.version)).map((verified) => {
    if (!verified.ok) throw invalid(`An event of \`invite_room_state\` is not valid: ${verified.reason}`)
    if (verified.event.roomId !== invite.roomId || verified.event.stateKey === undefined) {
      throw invalid('An event of `invite_room_state` is no state event of the room')
    }
    return verified.event
  })
  const state = readStrippedState([...events.map(toStrippedState), ...value.filter(isStripped)])
  if (!state.some((event) => ownValue(event, 'type') === 'm.room.create')) {
    throw new MatrixError(400, 'M_MISSING_PARAM', '`invite_room_state` has no create event')
  }
  return state
}

/** Whether it has none of what an event has beyond a stripped one. */
function isStripped(event: JsonValue): boolean {
  return isJsonObject(event) && BEYOND_STRIPPED.every((key) => ownValue(event, key) === undefined)
}

function invalid(sentence: string): MatrixError {
  return new MatrixError(400, 'M_INVALID_PARAM', sentence)
}
