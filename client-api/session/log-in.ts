import { userOfLoginToken, userOfPassword } from '../../homeserver/accounts/log-in.ts'
import { claimedName } from '../../homeserver/accounts/claimed-name.ts'
import type { LocalUser } from '../../homeserver/accounts/sessions.ts'
import { refuseLocked } from '../../homeserver/accounts/refuse-locked.ts'
import { startSession } from '../../homeserver/accounts/start-session.ts'
import { json } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import type { IncomingRequest } from '../../homeserver/http/incoming-request.ts'
import { addressKey } from '../../homeserver/rate-limits/address-key.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { ownValue, type JsonObject } from '../../protocol/json/value.ts'
import type { AccountApiContext } from '../context.ts'
import { APP_SERVICE_LOGIN, loginUnsupported, requireAppService } from '../http/app-service-token.ts'
import { requiredText } from '../http/body-fields.ts'
import { deviceWishOf } from '../http/device-wish.ts'
import { oauthBaseUrl } from '../oauth/base-url.ts'
import { ssoFlow } from '../sso/sso-flow.ts'
import { clientWellKnown } from '../well-known/well-known.ts'

/** Who has proven who they are, and under which session of an identity provider. */
type SignedInUser = LocalUser & { readonly ssoSession?: Buffer | undefined }

/** `GET /login`. */
export function loginFlows({ config, config: { appServices } }: AccountApiContext): Handler<undefined> {
  const { passwordLogin, existingSession } = config.login
  return (request) => {
    const sso = ssoFlow(config, oauthBaseUrl(config, request) !== undefined)
    const tokens = { type: 'm.login.token', ...(existingSession.enabled && { get_login_token: true }) }
    const flows = [
      ...(passwordLogin ? [{ type: 'm.login.password' }] : []),
      ...(sso ? [sso] : []),
      ...(appServices.length > 0 ? [{ type: APP_SERVICE_LOGIN }] : []),
      ...(sso || existingSession.enabled ? [tokens] : []),
    ]
    return json({ flows })
  }
}

/** `POST /login`. */
export function logIn(context: AccountApiContext): Handler<undefined> {
  const wellKnown = clientWellKnown(context)
  return async (request) => {
    const body = await request.object()
    const isAppService = ownValue(body, 'type') === APP_SERVICE_LOGIN
    if (!isAppService) context.limits.loginAddress.consume(addressKey(request.clientAddress))
    const device = deviceWishOf(body)
    const user = isAppService
      ? await userOfAppService(context, request, body)
      : await authenticatedUser(context, body)
    const { ssoSession } = user
    const wish = { ...device, ssoSession }
    const granted = await startSession(context.accounts, user, wish, request.clientAddress)
    const answer = { user_id: user.userId, home_server: context.config.serverName, ...granted }
    return json(wellKnown ? { ...answer, well_known: wellKnown } : answer)
  }
}

/** Any user of a service's namespace that has an account: it needs no password (application service API). */
async function userOfAppService(
  { accounts }: AccountApiContext,
  request: IncomingRequest,
  body: JsonObject,
): Promise<SignedInUser> {
  const appService = requireAppService(accounts, request)
  if (appService.makesDevices) throw loginUnsupported()
  const name = await claimedName(accounts, body)
  if (name === undefined) throw new MatrixError(400, 'M_MISSING_PARAM', '`identifier` is missing')
  const userId = name.startsWith('@') ? name : `@${name}:${accounts.serverName}`
  if (!appService.namespaces.hasUser(userId)) {
    throw new MatrixError(400, 'M_EXCLUSIVE', 'The user is outside the namespace of the application service')
  }
  const session = await accounts.sessions.actFor(appService, userId, undefined)
  refuseLocked(session)
  return session
}

async function authenticatedUser(
  { accounts, config }: AccountApiContext,
  body: JsonObject,
): Promise<SignedInUser> {
  const type = requiredText(body, 'type')
  if (type === 'm.login.password' && config.login.passwordLogin) {
    const name = await claimedName(accounts, body)
    if (name === undefined) throw new MatrixError(400, 'M_MISSING_PARAM', '`identifier` is missing')
    return userOfPassword(accounts, name, requiredText(body, 'password'))
  }
  if (type === 'm.login.token') {
    return userOfLoginToken(accounts, requiredText(body, 'token'))
  }
  throw new MatrixError(400, 'M_UNKNOWN', 'This server does not support this way of logging in')
}
