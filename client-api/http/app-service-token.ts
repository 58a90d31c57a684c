import type { Accounts } from '../../homeserver/accounts/accounts.ts'
import type { AppService } from '../../homeserver/appservices/registration/app-service.ts'
import type { IncomingRequest } from '../../homeserver/http/incoming-request.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { accessTokenOf } from './access-token.ts'

/** The type of registrations and logins by which an application service speaks for its users. */
export const APP_SERVICE_LOGIN = 'm.login.application_service'

/**
 * The application service whose token a request brings.
 *
 * @throws MatrixError 401 M_MISSING_TOKEN, or M_UNKNOWN_TOKEN for any other token.
 */
export function requireAppService(
  { appServices }: Pick<Accounts, 'appServices'>,
  request: IncomingRequest,
): AppService {
  const token = accessTokenOf(request)
  if (!token) throw new MatrixError(401, 'M_MISSING_TOKEN', 'The token of an application service is needed')
  const appService = appServices.byToken(token)
  if (appService) return appService
  throw new MatrixError(401, 'M_UNKNOWN_TOKEN', 'This is the token of no application service')
}

/** The error for services that have said that they do not log in (MSC4190). */
export function loginUnsupported(): MatrixError {
  return new MatrixError(
    400,
    'M_APPSERVICE_LOGIN_UNSUPPORTED',
    'This application service makes devices by itself (io.element.msc4190) and may not log in',
  )
}
