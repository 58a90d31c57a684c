import type { RoomEvent } from '../events/room-event.ts'
import { allowIf } from './auth-result.ts'
import type { AuthResult } from './auth-result.ts'
import type { AuthState } from './auth-state.ts'
import { domainOf } from './domain-of.ts'
import { powerLevelsIn } from './power-levels.ts'

/**
 * Rule 11 of versions 1 and 2: a redaction is sent by somebody with the redact level, or from the server
 * that the redacted event's id comes from. Later versions ask this when the redaction is applied
 * (`redaction-power.ts`).
 */
export function checkRedaction(event: RoomEvent, auth: AuthState): AuthResult {
  const levels = powerLevelsIn(auth)
  if (levels.powerOf(event.sender) >= levels.level('redact')) return { allowed: true }

  const redacted = event.redacts === undefined ? undefined : domainOf(event.redacts)
  return allowIf(
    redacted !== undefined && redacted === domainOf(event.eventId),
    'Redacting events of other servers needs the redact power level.',
  )
}
