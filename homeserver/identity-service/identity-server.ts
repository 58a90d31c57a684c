import type { Dispatcher } from 'undici'
import { encodeBase64Url } from '../../protocol/crypto/base64.ts'
import { sha256 } from '../../protocol/crypto/sha256.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { isUserId } from '../../protocol/identifiers/user-id.ts'
import { isJsonObject, ownValue, type JsonObject } from '../../protocol/json/value.ts'
import { canonicalThirdPartyId } from './canonical-third-party-id.ts'
import { exchange, refusal, requestJson } from './request-json.ts'

/** An e-mail address or telephone number, in its canonical form. */
export interface ThirdPartyId {
  readonly medium: 'email' | 'msisdn'
  readonly address: string
}

/** What an identity server says of an invite that it keeps. */
export interface StoredInvite {
  readonly token: string
  /** Hides the address. */
  readonly displayName: string
  readonly publicKeys: readonly { readonly publicKey: string; readonly keyValidityUrl: string }[]
}

/** One identity server, asked with its user's own access token (identity service API). */
export interface IdentityServer {
  /** The user who has bound an identifier; undefined where nobody has. */
  lookup(accessToken: string, id: ThirdPartyId): Promise<string | undefined>
  /** Has an invite kept for whoever binds the identifier. `details` are for the mail that tells them. */
  storeInvite(accessToken: string, id: ThirdPartyId, details: JsonObject): Promise<StoredInvite>
  /**
   * Publishes the identifier that a session has proved as a user's. Returns it.
   *
   * @throws MatrixError what is wrong with the session, as the identity server says.
   */
  bind(accessToken: string, session: ProvedSession, userId: string): Promise<ThirdPartyId>
  /**
   * Takes back what was published, in the name of this server.
   *
   * @returns whether it is gone; false where the identity server does not do that.
   */
  unbind(id: ThirdPartyId, userId: string): Promise<boolean>
}

/** A session at an identity server by which somebody has proved an identifier. */
export interface ProvedSession {
  readonly sid: string
  readonly clientSecret: string
}

/** Signs a request to a server in the name of ours, as requests of the server-server API are. */
export type SignRequest = (
  destination: string,
  request: { readonly method: string; readonly target: string; readonly body: JsonObject },
) => { readonly headers: Readonly<Record<string, string>>; readonly body: string | undefined }

/** By these, without an error in the answer, a server says that it takes nothing back. */
const NO_UNBINDING: ReadonlySet<number> = new Set([400, 404, 501])

/** The long-term key and one for the invite. */
const MAX_KEYS = 10
const TOKEN = /^[0-9a-zA-Z.=_-]{1,255}$/

/** @param base its URL with a slash at the end. */
export function identityServer(base: string, dispatcher: Dispatcher, sign: SignRequest): IdentityServer {
  const at = (path: string) => new URL(`_matrix/identity/v2/${path}`, base)
  const unusable = () =>
    new MatrixError(502, 'M_UNKNOWN', `The identity server ${at('').host} answers what is not in its API`)

  return {
    async lookup(accessToken, id) {
      const details = await requestJson(dispatcher, { method: 'GET', url: at('hash_details'), accessToken })
      const pepper = ownValue(details, 'lookup_pepper')
      const algorithms = ownValue(details, 'algorithms')
      if (typeof pepper !== 'string' || !Array.isArray(algorithms)) throw unusable()
      const algorithm = ['sha256', 'none'].find((name) => algorithms.includes(name))
      if (algorithm === undefined) throw unusable()
      const address = algorithm === 'sha256' ? hashed(id, pepper) : `${id.address} ${id.medium}`
      const body = { algorithm, pepper, addresses: [address] }
      const found = await requestJson(dispatcher, { method: 'POST', url: at('lookup'), accessToken, body })
      const mappings = ownValue(found, 'mappings')
      if (!isJsonObject(mappings)) throw unusable()
      const userId = ownValue(mappings, address)
      if (userId !== undefined && (typeof userId !== 'string' || !isUserId(userId))) throw unusable()
      return userId
    },

    async storeInvite(accessToken, id, details) {
      const body = { ...details, medium: id.medium, address: id.address }
      const stored = await requestJson(dispatcher, {
        method: 'POST',
        url: at('store-invite'),
        accessToken,
        body,
      })
      const token = ownValue(stored, 'token')
      const displayName = ownValue(stored, 'display_name')
      const keys = ownValue(stored, 'public_keys')
      if (typeof token !== 'string' || !TOKEN.test(token)) throw unusable()
      if (typeof displayName !== 'string' || !Array.isArray(keys) || keys.length === 0) throw unusable()
      const publicKeys = keys.slice(0, MAX_KEYS).map((key) => {
        const publicKey = isJsonObject(key) ? ownValue(key, 'public_key') : undefined
        const url = isJsonObject(key) ? ownValue(key, 'key_validity_url') : undefined
        if (typeof publicKey !== 'string' || typeof url !== 'string') throw unusable()
        return { publicKey, keyValidityUrl: url }
      })
      return { token, displayName, publicKeys }
    },

    async bind(accessToken, { sid, clientSecret }, userId) {
      const body = { sid, client_secret: clientSecret, mxid: userId }
      const bound = await requestJson(dispatcher, { method: 'POST', url: at('3pid/bind'), accessToken, body })
      const [medium, address] = [ownValue(bound, 'medium'), ownValue(bound, 'address')]
      if (typeof medium !== 'string' || typeof address !== 'string') throw unusable()
      try {
        return canonicalThirdPartyId(medium, address)
      } catch {
        throw unusable()
      }
    },

    async unbind(id, userId) {
      const url = at('3pid/unbind')
      const threepid = { medium: id.medium, address: id.address }
      const request = { method: 'POST' as const, target: url.pathname, body: { mxid: userId, threepid } }
      const answer = await exchange(dispatcher, { method: 'POST', url, ...sign(url.host, request) })
      if (answer.status === 200) return true
      const isError = answer.body !== undefined && typeof ownValue(answer.body, 'errcode') === 'string'
      if (!isError && NO_UNBINDING.has(answer.status)) return false
      throw refusal(url, answer.status, answer.body ?? {})
    },
  }
}

/** Identity service API, "Security considerations" of association lookups. */
function hashed({ address, medium }: ThirdPartyId, pepper: string): string {
  return encodeBase64Url(sha256(`${address} ${medium} ${pepper}`))
}
