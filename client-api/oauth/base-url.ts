import type { TLSSocket } from 'node:tls'
import type { Config } from '../../homeserver/config/config.ts'
import type { IncomingRequest } from '../../homeserver/http/incoming-request.ts'

const LOOPBACK_HOST = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/

/**
 * Where browsers and clients reach this server, with a slash at its end: `public_baseurl`, or, for who tries the
 * server out on its own machine, the address that was asked. Undefined when it is not known.
 */
export function baseUrlOf({ identity }: Config, request: IncomingRequest): string | undefined {
  if (identity.publicBaseUrl !== undefined) return identity.publicBaseUrl
  const host = request.headers.host ?? ''
  if (!LOOPBACK_HOST.test(host)) return undefined
  const encrypted = (request.message.socket as Partial<TLSSocket>).encrypted === true
  return `${encrypted ? 'https' : 'http'}://${host}/`
}

/** As `baseUrlOf`, for OAuth 2.0: undefined where it is turned off, or where passwords would cross a network openly. */
export function oauthBaseUrl(config: Config, request: IncomingRequest): string | undefined {
  const base = config.oauth.enabled ? baseUrlOf(config, request) : undefined
  if (base === undefined) return undefined
  const { protocol, host } = new URL(base)
  return protocol === 'https:' || LOOPBACK_HOST.test(host) ? base : undefined
}
