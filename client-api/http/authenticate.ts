import type { Accounts } from '../../homeserver/accounts/accounts.ts'
import type { Session } from '../../homeserver/accounts/sessions.ts'
import type { AppService } from '../../homeserver/appservices/registration/app-service.ts'
import type { IncomingRequest } from '../../homeserver/http/incoming-request.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { accessTokenOf } from './access-token.ts'

/**
 * The session of a request's access token, whatever the state of its account.
 *
 * @throws MatrixError 401 M_MISSING_TOKEN or M_UNKNOWN_TOKEN (client-server API, "Using access tokens"); as `masquerade`
 *   for application services.
 */
export async function sessionOf(accounts: Accounts, request: IncomingRequest): Promise<Session> {
  const token = accessTokenOf(request)
  if (!token) throw new MatrixError(401, 'M_MISSING_TOKEN', 'An access token is needed')
  const appService = accounts.appServices.byToken(token)
  if (appService) return sessionOfAppService(accounts, request, appService)
  const session = await accounts.sessions.find(token)
  if (!session) throw new MatrixError(401, 'M_UNKNOWN_TOKEN', 'The access token is unknown; log in again')
  const now = Date.now()
  if (session.expiresTs !== null && session.expiresTs <= now) {
    throw new MatrixError(401, 'M_UNKNOWN_TOKEN', 'The access token has expired', { soft_logout: true })
  }
  accounts.lastSeen.note(session, request.clientAddress, now)
  return session
}

/** Whom an application service acts for, and on which device (application service API, "Identity assertion"). */
async function sessionOfAppService(
  accounts: Accounts,
  request: IncomingRequest,
  appService: AppService,
): Promise<Session> {
  const userId = request.query('user_id') ?? appService.senderId
  const deviceId = request.query('device_id') ?? request.query('org.matrix.msc3202.device_id')
  const session = await accounts.sessions.actFor(appService, userId, deviceId)
  accounts.lastSeen.note(session, request.clientAddress, Date.now())
  return session
}

/** @throws MatrixError 403 M_USER_SUSPENDED (client-server API, "Account suspension"), for what changes rooms. */
export function refuseSuspended({ suspended }: Pick<Session, 'suspended'>): void {
  if (!suspended) return
  throw new MatrixError(403, 'M_USER_SUSPENDED', 'An administrator has suspended this account')
}
