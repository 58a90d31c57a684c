import { createHmac, timingSafeEqual } from 'node:crypto'
import { newSessionId } from '../../homeserver/accounts/bearer-secrets.ts'
import { browserUser, type BrowserUser } from '../../homeserver/oauth/browser-sessions.ts'
import type { IncomingRequest } from '../../homeserver/http/incoming-request.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { AccountApiContext } from '../context.ts'
import { cookieHeader, readCookie, type CookieName } from './cookies.ts'

const COOKIE_VALUE = /^[A-Za-z0-9_-]{43}$/

/** The browser that asks for a page. */
export interface Browser {
  /** The address of this server, with a slash at its end. */
  readonly base: string
  /** Goes with every form, and comes back with it. */
  readonly csrf: string
  /** Tells the browsers apart, before anybody is signed in too. */
  readonly id: string
  readonly user: BrowserUser | undefined
  readonly sessionToken: string | undefined
  /** To be sent with a page: names the browser if it has no name yet. */
  readonly setCookie: string | undefined
  /** The path of a page as links and redirects name it. */
  href(path: string, query?: Readonly<Record<string, string | undefined>>): string
  /** The header that sets one of our cookies. */
  cookie(name: CookieName, value: string): string
}

/** Recognises a browser by its cookies. */
export async function browserOf(
  { accounts, config }: AccountApiContext,
  request: IncomingRequest,
  base: string,
): Promise<Browser> {
  const secure = base.startsWith('https:')
  const known = readCookie(request, 'meridian_browser', secure)
  const isKnown = known !== undefined && COOKIE_VALUE.test(known)
  const id = isKnown ? known : newSessionId()
  const session = readCookie(request, 'meridian_session', secure)
  const sessionToken = session !== undefined && COOKIE_VALUE.test(session) ? session : undefined
  const prefix = new URL(base).pathname.replace(/\/$/, '')
  return {
    base,
    id,
    csrf: createHmac('sha256', config.secrets.serverSecret).update(`form ${id}`).digest('base64url'),
    user: await browserUser(accounts, sessionToken),
    sessionToken,
    setCookie: isKnown ? undefined : cookieHeader('meridian_browser', id, secure),
    href: (path, query = {}) => {
      const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined)
      const joint = path.includes('?') ? '&' : '?'
      return prefix + path + (given.length === 0 ? '' : `${joint}${new URLSearchParams(given)}`)
    },
    cookie: (name, value) => cookieHeader(name, value, secure),
  }
}

/** @throws MatrixError 403 unless the form was made for this browser. */
export function checkFormIsOurs(browser: Browser, form: URLSearchParams): void {
  const expected = Buffer.from(browser.csrf)
  const given = Buffer.from(form.get('csrf') ?? '')
  if (given.length === expected.length && timingSafeEqual(given, expected)) return
  throw new MatrixError(403, 'M_FORBIDDEN', 'This form has expired. Go back, reload the page and try again.')
}
