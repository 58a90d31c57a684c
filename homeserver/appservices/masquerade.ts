import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { findAccount } from '../../storage/accounts/account-reader.ts'
import { findDevice } from '../../storage/accounts/device-reader.ts'
import type { Queries } from '../../storage/database.ts'
import type { Session } from '../accounts/sessions.ts'
import type { AppService } from './registration/app-service.ts'

/**
 * Reads the session of an application service that acts for one of its users (application service API, "Identity
 * assertion").
 *
 * @throws MatrixError 403 M_FORBIDDEN for users outside its namespace and those who have no account, 403
 *   M_USER_DEACTIVATED, 400 M_UNKNOWN_DEVICE.
 */
export async function masquerade(
  queries: Queries,
  appService: AppService,
  userId: string,
  deviceId: string | undefined,
): Promise<Session> {
  if (!appService.namespaces.hasUser(userId)) {
    throw new MatrixError(403, 'M_FORBIDDEN', 'The application service may not act for this user')
  }
  const account = userId.includes('\0') ? undefined : await findAccount(queries, userId)
  if (!account) {
    throw new MatrixError(403, 'M_FORBIDDEN', 'The application service has not registered this user')
  }
  if (account.deactivated) {
    throw new MatrixError(403, 'M_USER_DEACTIVATED', 'This account has been closed')
  }
  if (deviceId !== undefined && !(await findDevice(queries, account.userNid, deviceId))) {
    throw new MatrixError(400, 'M_UNKNOWN_DEVICE', 'The user has no such device')
  }
  const { userNid, admin, guest, locked, suspended } = account
  const unlimited = userId === appService.senderId || !appService.rateLimited
  return {
    userNid,
    userId,
    deviceId,
    admin,
    guest,
    locked,
    suspended,
    expiresTs: null,
    appService,
    unlimited,
  }
}
