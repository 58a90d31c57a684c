import type { Authenticator } from '../../homeserver/http/endpoint.ts'
import type { IncomingRequest } from '../../homeserver/http/incoming-request.ts'
import { verifyText } from '../../protocol/crypto/ed25519.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { canonicalJson, CanonicalJsonError } from '../../protocol/json/canonical.ts'
import type { DestinationBackoff } from '../client/backoff/destination-backoff.ts'
import type { FederationAccess } from '../client/federation-access.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import { requestSigningText } from '../keys/request-signature.ts'
import { isValidForRequest } from '../keys/verify-key.ts'
import { parseXMatrix, type XMatrixHeader } from './x-matrix-header.ts'

/** One header for each signing key; servers have one, or two while they rotate. */
const MAX_HEADERS = 5

declare const verified: unique symbol

/** The name of a server whose request has been verified: with it in hand, the check cannot have been skipped. */
export type VerifiedOrigin = string & { readonly [verified]: true }

/** Who sent a signed request. */
export interface FederationCaller {
  readonly origin: VerifiedOrigin
}

export interface AuthenticationOptions {
  readonly serverName: string
  readonly keyRing: KeyRing
  readonly backoff: DestinationBackoff
  readonly access: FederationAccess
}

/**
 * The authenticator of signed requests (server-server API, "Request Authentication").
 *
 * @param maxBodyBytes the most that the endpoint's body may have; 1 MiB when left out.
 * @returns an authenticator that throws MatrixError 401 M_UNAUTHORIZED for a missing, malformed or wrong
 *   signature, 403 M_FORBIDDEN for servers that our configuration shuts out, and what reading the body throws.
 */
export function federationAuthenticator(
  options: AuthenticationOptions,
  maxBodyBytes?: number,
): Authenticator<FederationCaller> {
  return async (request) => {
    const headers = readHeaders(request, options.serverName)
    const origin = headers[0].origin
    if (!options.access(origin)) {
      throw new MatrixError(403, 'M_FORBIDDEN', 'This server does not federate with yours')
    }
    const now = Date.now()
    const keyRequests = headers.map(({ keyId }) => ({ server: origin, keyId, minimumValidUntil: now }))
    const keys = (await options.keyRing.keysFor(keyRequests, { ignoreBackoff: true })).get(origin)
    const text = requestSigningText({
      method: request.method,
      uri: request.target,
      origin,
      destination: options.serverName,
      content: await canonicalContent(request, maxBodyBytes),
    })
    let signed = false
    for (const { keyId, signature } of headers) {
      const key = keys?.get(keyId)
      if (!key || !isValidForRequest(key, now)) continue
      if (!verifyText(text, signature, key.publicKey))
        throw unauthorised(`The signature with ${keyId} is wrong`)
      signed = true
    }
    if (!signed)
      throw unauthorised('The request is signed with no key of yours that is valid and can be fetched')
    await options.backoff.heardFrom(origin)
    return { origin: origin as VerifiedOrigin }
  }
}

/** The request's X-Matrix headers: at least one, all of one origin and to this server. */
function readHeaders(request: IncomingRequest, serverName: string): [XMatrixHeader, ...XMatrixHeader[]] {
  const sent = request.message.headersDistinct['authorization'] ?? []
  const [first, ...rest] = sent.slice(0, MAX_HEADERS).map((text) => {
    const header = parseXMatrix(text)
    if (!header) throw unauthorised('The Authorization header is not in the X-Matrix format')
    if (header.destination !== undefined && header.destination !== serverName) {
      throw unauthorised('The request is for another server')
    }
    return header
  })
  if (!first) throw unauthorised('The request needs an X-Matrix Authorization header')
  if (rest.some(({ origin }) => origin !== first.origin))
    throw unauthorised('The request names several origins')
  if (first.origin === serverName)
    throw unauthorised('The request says that it comes from this server itself')
  return [first, ...rest]
}

/** The body as it was signed; undefined when there is none. */
async function canonicalContent(
  request: IncomingRequest,
  maxBytes: number | undefined,
): Promise<string | undefined> {
  const limits = maxBytes === undefined ? {} : { maxBytes }
  if ((await request.bytes(limits)).length === 0) return undefined
  try {
    return canonicalJson(await request.object(limits), { strict: false })
  } catch (error) {
    if (!(error instanceof CanonicalJsonError)) throw error
    throw new MatrixError(400, 'M_BAD_JSON', 'The request body has no canonical JSON form')
  }
}

function unauthorised(sentence: string): MatrixError {
  return new MatrixError(401, 'M_UNAUTHORIZED', sentence)
}
