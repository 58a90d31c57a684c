import type { Dispatcher } from 'undici'
import { encodeBase64Url } from '../../protocol/crypto/base64.ts'
import { sha256 } from '../../protocol/crypto/sha256.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { isUserId } from '../../protocol/identifiers/user-id.ts'
import { isJsonObject, ownValue, type JsonObject } from '../../protocol/json/value.ts'
import { requestJson } from './request-json.ts'

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
}

/** The long-term key and one for the invite. */
const MAX_KEYS = 10
const TOKEN = /^[0-9a-zA-Z.=_-]{1,255}$/

/** @param base its URL with a slash at the end. */
export function identityServer(base: string, dispatcher: Dispatcher): IdentityServer {
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
  }
}

/** Identity service API, "Security considerations" of association lookups. */
function hashed({ address, medium }: ThirdPartyId, pepper: string): string {
  return encodeBase64Url(sha256(`${address} ${medium} ${pepper}`))
}
