import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { insertLoginToken } from '../../storage/accounts/login-tokens.ts'
import type { Accounts } from '../accounts/accounts.ts'
import { newLoginToken, secretHash } from '../accounts/bearer-secrets.ts'
import type { LocalUser } from '../accounts/sessions.ts'

/** The client uses it at once, but a phone may take a moment to come back to it; as in Synapse. */
const LOGIN_TOKEN_MS = 2 * 60_000
const MAX_URL_LENGTH = 8_000
/** What a browser would run or open itself, instead of handing it to an application. */
const FORBIDDEN_SCHEMES: ReadonlySet<string> = new Set([
  ...['javascript:', 'data:', 'vbscript:', 'blob:', 'file:', 'filesystem:', 'about:', 'view-source:'],
  ...['ws:', 'wss:', 'ftp:', 'mailto:', 'chrome:', 'resource:', 'jar:'],
])

/**
 * A client's `redirectUrl`: a web page or an application's own URL.
 *
 * @throws MatrixError 400 when it is missing or would be run by the browser.
 */
export function readRedirectUrl(text: string | undefined): URL {
  if (!text) throw new MatrixError(400, 'M_MISSING_PARAM', 'The application does not say where to return.')
  const url = text.length <= MAX_URL_LENGTH && URL.canParse(text) ? new URL(text) : undefined
  if (!url || FORBIDDEN_SCHEMES.has(url.protocol)) {
    throw new MatrixError(400, 'M_INVALID_PARAM', 'The application asks to return to an unusable address.')
  }
  return url
}

/** How a client is called when users are asked about it: by its host, or the scheme of its own URLs. */
export function redirectTitle(url: URL): string {
  return url.protocol === 'http:' || url.protocol === 'https:' ? url.host : url.protocol
}

/**
 * Whether users need not be asked. An entry is the beginning of an address; a host in it stands for itself alone, and
 * not for hosts that only begin alike.
 */
export function isWhitelisted(url: URL, whitelist: readonly string[]): boolean {
  return whitelist.some((entry) => URL.canParse(entry) && url.href.startsWith(new URL(entry).href))
}

/** Where the browser goes with a login token for the user (client-server API, "Client login via SSO"). */
export async function loginLocation(
  { queries }: Accounts,
  user: LocalUser & { readonly ssoSession?: Buffer | undefined },
  redirectUrl: URL,
): Promise<string> {
  const token = newLoginToken()
  const expiresTs = Date.now() + LOGIN_TOKEN_MS
  await insertLoginToken(queries, secretHash(token), user.userNid, expiresTs, user.ssoSession)
  const url = new URL(redirectUrl)
  if (url.searchParams.has('loginToken')) url.searchParams.delete('loginToken')
  url.search = `${url.search === '' ? '?' : `${url.search}&`}loginToken=${encodeURIComponent(token)}`
  return url.href
}
