import { declareRoutes, type Routes } from '../../homeserver/http/endpoint.ts'
import type { AccountApiContext } from '../context.ts'
import { PATHS } from '../oauth/paths.ts'
import { BACKCHANNEL_LOGOUT_PATH, backchannelLogout } from './backchannel-logout.ts'
import { chooseName } from './choose-name.ts'
import { grantLogin, grantLoginPage } from './grant-login.ts'
import { PROOF_PATH, proofPage, startProof } from './prove-by-sso.ts'
import { ssoCallback } from './sso-callback.ts'
import { CALLBACK_PATH, ssoContext } from './sso-context.ts'
import { ssoRedirect, ssoRedirectTo } from './sso-redirect.ts'
import { startSso } from './start-sso.ts'

/** Single sign-on (client-server API, "SSO client login/authentication"). */
export function ssoRoutes(accountContext: AccountApiContext): Routes {
  const context = ssoContext(accountContext)
  return declareRoutes()
    .get('/_matrix/client/v3/login/sso/redirect', ssoRedirect(context))
    .get('/_matrix/client/v3/login/sso/redirect/:idpId', ssoRedirectTo(context))
    .get(PATHS.startSso, startSso(context))
    .get(CALLBACK_PATH, ssoCallback(context))
    .post(BACKCHANNEL_LOGOUT_PATH, backchannelLogout(context))
    .get(PATHS.grantLogin, grantLoginPage(context))
    .post(PATHS.grantLogin, grantLogin(context))
    .post(PATHS.chooseName, chooseName(context))
    .get(PROOF_PATH, proofPage(context))
    .post(PROOF_PATH, startProof(context))
}
