import { readFile } from 'node:fs/promises'
import { request } from 'node:https'
import { xMatrixAuthorization } from '../../../federation/client/transport/x-matrix-authorization.ts'
import { requestSigningText } from '../../../federation/keys/request-signature.ts'
import { canonicalJson } from '../../../protocol/json/canonical.ts'
import { parseJson } from '../../../protocol/json/parse.ts'
import { isJsonObject, type JsonValue } from '../../../protocol/json/value.ts'

/** An answer with its text. */
export interface WireAnswer {
  readonly status: number
  readonly text: string
}

/** Who signs requests. */
export interface RequestSigning {
  readonly serverName: string
  readonly server: {
    readonly ownKeys: { sign(text: string): { readonly keyId: string; readonly signature: string } }
  }
}

/** Where signed requests go. */
export interface SignedTarget {
  readonly serverName: string
  readonly port: number
  readonly caPath: string
}

/**
 * Sends a request that is signed as it should be and whose body is on the wire exactly as given.
 *
 * @param signedAs what is signed in place of a body that has no canonical form.
 */
export async function signedRequest(
  peer: RequestSigning,
  to: SignedTarget,
  method: string,
  target: string,
  body?: string | Buffer,
  signedAs?: string,
): Promise<WireAnswer> {
  const text = requestSigningText({
    method,
    uri: target,
    origin: peer.serverName,
    destination: to.serverName,
    content: signedAs ?? canonicalOf(body),
  })
  const { keyId, signature } = peer.server.ownKeys.sign(text)
  const authorization = xMatrixAuthorization(peer.serverName, to.serverName, keyId, signature)
  const ca = await readFile(to.caPath)
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port: to.port,
        servername: to.serverName,
        ca,
        method,
        path: target,
        agent: false,
        headers: { authorization, ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }) },
      },
      (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk) => (text += chunk))
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text })).on('error', reject)
      },
    )
    sent.on('error', reject).end(body)
  })
}

function canonicalOf(body: string | Buffer | undefined): string | undefined {
  if (body === undefined || body.length === 0) return undefined
  let value: JsonValue
  try {
    value = parseJson(body)
  } catch {
    return '{}'
  }
  return isJsonObject(value) ? canonicalJson(value, { strict: false }) : '{}'
}
