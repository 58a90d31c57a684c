import type { RoomEvent } from '../events/room-event.ts'
import { serverOf } from '../identifiers/user-id.ts'
import { allowIf } from './auth-result.ts'
import type { AuthResult } from './auth-result.ts'
import type { AuthState } from './auth-state.ts'
import { powerLevelsIn } from './power-levels.ts'

/**
 * Rule 11 of versions 1 and 2: a redaction is sent by somebody with the redact level, or from the server
 * that the redacted event's id comes from. Later versions ask this when the redaction is applied
 * (`redaction-power.ts`).
 */
export function checkRedaction(event: RoomEvent, auth: AuthState): AuthResult {
  const levels = powerLevelsIn(auth)
  if (levels.powerOf(event.sender) >= levels.level('redact')) return { allowed: true }

  const origin = serverOf(event.redacts ?? '')
  return allowIf(
    origin !== '' && origin === serverOf(event.eventId),
    'Redacting events of other servers needs the redact power level.',
  )
}
