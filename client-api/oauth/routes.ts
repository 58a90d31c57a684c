import { declareRoutes, type Routes } from '../../homeserver/http/endpoint.ts'
import type { AccountApiContext } from '../context.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'
import {
  allowReset,
  changeOwnPassword,
  closeOwnAccount,
  endOwnDevice,
  renameOwnDevice,
  saveProfile,
} from './account-changes.ts'
import { accountPage } from './account.ts'
import { authorizationDecision, authorizationPage } from './authorize.ts'
import { deviceAuthorization } from './device-authorization.ts'
import { createOAuthLimits } from './limits.ts'
import { linkDeviceDecision, linkDevicePage } from './link-device.ts'
import { authMetadata } from './metadata.ts'
import { PATHS } from './paths.ts'
import { clientRegistration } from './register-client.ts'
import { revocation } from './revoke.ts'
import { signIn, signInPage, signOut } from './sign-in.ts'
import { signUp, signUpPage } from './sign-up.ts'
import { tokenEndpoint } from './token.ts'

/** OAuth 2.0 (client-server API, "OAuth 2.0 API") and the pages that users see of it. */
export function oauthRoutes(context: AccountApiContext, { open }: ClientEndpoints): Routes {
  const limits = createOAuthLimits()
  return declareRoutes()
    .get('/_matrix/client/v1/auth_metadata', open(authMetadata(context)))
    .get('/_matrix/client/unstable/org.matrix.msc2965/auth_metadata', open(authMetadata(context)))
    .post(PATHS.register, clientRegistration(context, limits))
    .get(PATHS.authorize, authorizationPage(context))
    .post(PATHS.authorize, authorizationDecision(context))
    .post(PATHS.token, tokenEndpoint(context))
    .post(PATHS.revoke, revocation(context))
    .post(PATHS.deviceAuthorization, deviceAuthorization(context, limits))
    .get(PATHS.link, linkDevicePage(context, limits))
    .post(PATHS.link, linkDeviceDecision(context, limits))
    .get(PATHS.signIn, signInPage(context))
    .post(PATHS.signIn, signIn(context))
    .post(PATHS.signOut, signOut(context))
    .get(PATHS.signUp, signUpPage(context))
    .post(PATHS.signUp, signUp(context))
    .get(PATHS.account, accountPage(context))
    .post(PATHS.profile, saveProfile(context))
    .post(PATHS.renameDevice, renameOwnDevice(context))
    .post(PATHS.endDevice, endOwnDevice(context))
    .post(PATHS.password, changeOwnPassword(context))
    .post(PATHS.deactivate, closeOwnAccount(context))
    .post(PATHS.resetCrossSigning, allowReset(context))
}
