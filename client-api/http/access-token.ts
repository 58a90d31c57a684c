import type { IncomingRequest } from '../../homeserver/http/incoming-request.ts'

/**
 * The access token of a request: `Authorization: Bearer`, or the query parameter that old clients and application
 * services still use (removed from the specification by MSC4127).
 */
export function accessTokenOf(request: IncomingRequest): string | undefined {
  const header = request.headers.authorization
  if (header === undefined) return request.query('access_token')
  const [, token] = /^Bearer +(\S+)$/i.exec(header) ?? []
  return token
}
