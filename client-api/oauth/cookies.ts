import type { IncomingRequest } from '../../homeserver/http/incoming-request.ts'

/** The cookies of the pages: which browser it is, and who is signed in with it. */
export type CookieName = 'meridian_browser' | 'meridian_session'

/** With this prefix no other host of the domain can set the cookie. */
const SECURE_PREFIX = '__Host-'

function fullName(name: CookieName, secure: boolean): string {
  return secure ? SECURE_PREFIX + name : name
}

/** A cookie of a request. */
export function readCookie(request: IncomingRequest, name: CookieName, secure: boolean): string | undefined {
  const wanted = fullName(name, secure)
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const equals = pair.indexOf('=')
    if (equals > 0 && pair.slice(0, equals).trim() === wanted) return pair.slice(equals + 1).trim()
  }
  return undefined
}

/** The header that sets a cookie for as long as the browser runs; an empty value removes it. */
export function cookieHeader(name: CookieName, value: string, secure: boolean): string {
  const end = value === '' ? '; Max-Age=0' : ''
  return `${fullName(name, secure)}=${value}; Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}${end}`
}
