import type { Session } from '../../homeserver/accounts/sessions.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'

/**
 * The device of a request that is about a device.
 *
 * @throws MatrixError 400 M_INVALID_PARAM for application services that name none (application service API,
 *   "Identity assertion").
 */
export function requireDevice({ deviceId }: Pick<Session, 'deviceId'>): string {
  if (deviceId !== undefined) return deviceId
  throw new MatrixError(400, 'M_INVALID_PARAM', 'This needs a device; name one as `device_id` in the query')
}
