import { ACCOUNT_PAGE_PATH } from '../../homeserver/oauth/account-page-path.ts'

/**
 * Where OAuth 2.0 and the pages live. The specification leaves the paths free; below `/_matrix/client` every reverse
 * proxy in front of a homeserver passes them on.
 */
const ROOT = '/_matrix/client/meridian'

export const PATHS = {
  authorize: `${ROOT}/oauth2/authorize`,
  token: `${ROOT}/oauth2/token`,
  revoke: `${ROOT}/oauth2/revoke`,
  register: `${ROOT}/oauth2/register`,
  deviceAuthorization: `${ROOT}/oauth2/device`,
  link: `${ROOT}/link`,
  signIn: `${ROOT}/sign-in`,
  signUp: `${ROOT}/sign-up`,
  signOut: `${ROOT}/sign-out`,
  account: ACCOUNT_PAGE_PATH,
  profile: `${ROOT}/account/profile`,
  password: `${ROOT}/account/password`,
  renameDevice: `${ROOT}/account/rename-device`,
  endDevice: `${ROOT}/account/end-device`,
  deactivate: `${ROOT}/account/deactivate`,
  resetCrossSigning: `${ROOT}/account/reset-cross-signing`,
  grantLogin: `${ROOT}/sso/grant`,
  startSso: `${ROOT}/sso/start`,
  chooseName: `${ROOT}/sso/choose-name`,
} as const

/** Where a browser may be sent on to after signing in: the pages of this server, and nowhere else. */
export function isOwnPage(target: string): boolean {
  return target.startsWith(`${ROOT}/`) && /^[\x21-\x7e]+$/.test(target) && !target.includes('\\')
}
