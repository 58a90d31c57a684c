import { createRemoteJWKSet, customFetch, decodeJwt, jwtVerify, type JWTVerifyGetKey } from 'jose'
import { boundedFetch } from './bounded-fetch.ts'
import type { Claims } from './template.ts'

/** The one event that such a token tells of. */
const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout'
/** Older tokens have been kept by somebody; the specification recommends minutes. */
const MAX_AGE_SECONDS = 5 * 60
/** Clocks differ. */
const TOLERANCE_SECONDS = 60

/** Whose token it says that it is, before anything of it has been checked. */
export function claimedIssuer(token: string): string | undefined {
  try {
    return decodeJwt(token).iss
  } catch {
    return undefined
  }
}

/** The keys of a provider, which are asked for when a token names one that is not known. */
export function providerKeys(uri: string): JWTVerifyGetKey {
  return createRemoteJWKSet(new URL(uri), {
    [customFetch]: (url, { headers, ...options }) =>
      boundedFetch(url, { ...options, headers: Object.fromEntries(headers), body: undefined }),
  })
}

/**
 * Checks a logout token (OpenID Connect Back-Channel Logout 1.0 §2.6).
 *
 * @returns its claims, which name a session.
 * @throws Error for a token that is none, is not from this provider or not for this client, or is too old.
 */
export async function readLogoutToken(
  token: string,
  keys: JWTVerifyGetKey,
  { issuer, clientId }: { readonly issuer: string; readonly clientId: string },
): Promise<Claims & { readonly sid: string }> {
  const { payload } = await jwtVerify(token, keys, {
    issuer,
    audience: clientId,
    maxTokenAge: MAX_AGE_SECONDS,
    clockTolerance: TOLERANCE_SECONDS,
    requiredClaims: ['iat', 'jti', 'events', 'sid'],
  })
  const { events, nonce, sid } = payload
  if (nonce !== undefined) throw new Error('a logout token has no nonce: this is an id token')
  if (typeof events !== 'object' || events === null || !(LOGOUT_EVENT in events)) {
    throw new Error('the token tells of no logout')
  }
  if (typeof sid !== 'string' || sid === '') throw new Error('the token names no session')
  return { ...payload, sid }
}
