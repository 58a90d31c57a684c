import type { RoomEvent } from '../events/room-event.ts'
import { serverOf } from '../identifiers/user-id.ts'
import type { AuthState } from './auth-state.ts'
import { powerLevelsIn } from './power-levels.ts'

/**
 * Whether an accepted `m.room.redaction` takes effect on `target`; until it does neither clients nor
 * readers see the redaction. In versions 1 and 2 the auth rules have judged that already.
 * Source: room version 3, "Handling redactions".
 *
 * @param auth the state that the redaction was judged against.
 */
export function mayRedact(redaction: RoomEvent, target: RoomEvent, auth: AuthState): boolean {
  if (redaction.roomId !== target.roomId || redaction.redacts !== target.eventId) return false
  if (redaction.version.redactionInAuthRules) return true

  const levels = powerLevelsIn(auth)
  if (levels.powerOf(redaction.sender) >= levels.level('redact')) return true

  return serverOf(redaction.sender) === serverOf(target.sender)
}
