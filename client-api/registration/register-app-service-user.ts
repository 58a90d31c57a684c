import { createAccount } from '../../homeserver/accounts/create-account.ts'
import { startSession } from '../../homeserver/accounts/start-session.ts'
import { checkUserIdFree, userIdFor } from '../../homeserver/accounts/usernames.ts'
import { json, type Answer } from '../../homeserver/http/answer.ts'
import type { IncomingRequest } from '../../homeserver/http/incoming-request.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { JsonObject } from '../../protocol/json/value.ts'
import type { AccountApiContext } from '../context.ts'
import { loginUnsupported, requireAppService } from '../http/app-service-token.ts'
import { optionalFlag, optionalText } from '../http/body-fields.ts'
import { deviceWishOf } from '../http/device-wish.ts'

/**
 * `POST /register` of type `m.login.application_service`: a user without a password, in the service's namespace
 * (application service API, "Server admin style permissions").
 */
export async function registerAppServiceUser(
  { accounts }: AccountApiContext,
  request: IncomingRequest,
  body: JsonObject,
): Promise<Answer> {
  const appService = requireAppService(accounts, request)
  // Older drafts called it `user`, and bridges still do.
  const username = optionalText(body, 'username') ?? optionalText(body, 'user')
  if (username === undefined) throw new MatrixError(400, 'M_MISSING_PARAM', '`username` is missing')
  const inhibitLogin = optionalFlag(body, 'inhibit_login') ?? false
  if (appService.makesDevices && !inhibitLogin) throw loginUnsupported()
  const device = deviceWishOf(body)
  const userId = userIdFor(accounts, username)
  accounts.appServices.requireUser(userId, appService)
  await checkUserIdFree(accounts, userId)
  const user = await createAccount(accounts, { userId, password: undefined, appserviceId: appService.id })
  const answer = { user_id: user.userId, home_server: accounts.serverName }
  if (inhibitLogin) return json(answer)
  return json({ ...answer, ...(await startSession(accounts, user, device, request.clientAddress)) })
}
