import { isPresenceState, type PresenceState } from '../../homeserver/presence/presence-status.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'

/** The `set_presence` of a sync; clients that say nothing are online. @throws MatrixError 400 M_INVALID_PARAM. */
export function readPresence(value: unknown): PresenceState {
  const presence = value ?? 'online'
  if (isPresenceState(presence)) return presence
  throw new MatrixError(400, 'M_INVALID_PARAM', '`set_presence` is `online`, `unavailable` or `offline`')
}
