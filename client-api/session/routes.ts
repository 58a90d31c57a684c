import { declareRoutes, type Routes } from '../../homeserver/http/endpoint.ts'
import type { AccountApiContext } from '../context.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'
import { getLoginToken } from './get-login-token.ts'
import { loginFlows, logIn } from './log-in.ts'
import { logOut, logOutEverywhere } from './log-out.ts'
import { refresh } from './refresh.ts'
import { whoAmI } from './who-am-i.ts'

/** Logging in and out. */
export function sessionRoutes(context: AccountApiContext, endpoints: ClientEndpoints): Routes {
  const { open, guest, user, evenLocked } = endpoints
  return declareRoutes()
    .get('/_matrix/client/v3/login', open(loginFlows(context)))
    .post('/_matrix/client/v3/login', open(logIn(context)))
    .post('/_matrix/client/v1/login/get_token', user(getLoginToken(context)))
    .post('/_matrix/client/v3/refresh', open(refresh(context)))
    .post('/_matrix/client/v3/logout', evenLocked(logOut(context)))
    .post('/_matrix/client/v3/logout/all', evenLocked(logOutEverywhere(context)))
    .get('/_matrix/client/v3/account/whoami', guest(whoAmI()))
}
