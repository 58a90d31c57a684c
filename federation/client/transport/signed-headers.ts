import { canonicalJson } from '../../../protocol/json/canonical.ts'
import type { JsonObject } from '../../../protocol/json/value.ts'
import { requestSigningText } from '../../keys/request-signature.ts'
import { xMatrixAuthorization } from './x-matrix-authorization.ts'

/** Signs requests in the name of this server. */
export interface RequestSigner {
  readonly serverName: string
  /** @returns the id of the key and the signature of the text's UTF-8 in unpadded base64. */
  sign(text: string): { readonly keyId: string; readonly signature: string }
}

/** The headers and the body of a request as they go out. */
export interface WireRequest {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

const USER_AGENT = 'Meridian'

/**
 * Serialises and signs a request (server-server API, "Request Authentication"). The body goes out as the canonical
 * JSON that is signed, so that it is serialised once; events of old room versions may hold numbers that strict
 * canonical JSON refuses.
 *
 * @throws CanonicalJsonError when the body cannot be signed.
 */
export function signedHeaders(
  signer: RequestSigner,
  destination: string,
  request: {
    readonly method: string
    readonly target: string
    readonly body?: JsonObject
    readonly signed?: boolean
  },
): WireRequest {
  const body = request.body === undefined ? undefined : canonicalJson(request.body, { strict: false })
  const headers = {
    'user-agent': USER_AGENT,
    accept: 'application/json',
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  }
  if (request.signed === false) return { headers, body }
  const origin = signer.serverName
  const text = requestSigningText({
    method: request.method,
    uri: request.target,
    origin,
    destination,
    content: body,
  })
  const { keyId, signature } = signer.sign(text)
  return {
    headers: { ...headers, authorization: xMatrixAuthorization(origin, destination, keyId, signature) },
    body,
  }
}
