import { createPublicKey, verify } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { canonicalJson, CanonicalJsonError } from '../../json/canonical.ts'
import { isJsonObject, ownValue } from '../../json/value.ts'
import type { JsonObject, JsonValue } from '../../json/value.ts'

/**
 * How many pairs of key and signature of one invite are tried. Identity servers use one or two of each, while
 * an event has room for hundreds of both; 256 verifications take some 20 ms.
 */
const MAX_VERIFICATIONS = 256

const ED25519_KEY_BYTES = 32
const ED25519_SIGNATURE_BYTES = 64

const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/

/** The public keys in the content of an `m.room.third_party_invite`, in base64: `public_key`, then `public_keys`. */
export function invitePublicKeys(content: JsonObject): string[] {
  const list = ownValue(content, 'public_keys')
  return [content, ...(Array.isArray(list) ? list.filter(isJsonObject) : [])]
    .map((entry) => ownValue(entry, 'public_key'))
    .filter((key) => typeof key === 'string')
    .slice(0, MAX_VERIFICATIONS)
}

/**
 * Whether any Ed25519 signature in `signed.signatures` is by any of these keys. The name of the signing
 * server and key play no part: the keys come from the invitation itself.
 *
 * @param signed the signed object; `signatures` and `unsigned` are left out of what was signed.
 * @param publicKeys keys in unpadded base64, of either alphabet.
 * @param strict whether the room version enforces canonical JSON.
 */
export function isSignedByAny(signed: JsonObject, publicKeys: readonly string[], strict: boolean): boolean {
  const signatures = ed25519Signatures(ownValue(signed, 'signatures'))
  const keys = publicKeys.map(publicKey).filter((key) => key !== undefined)
  if (signatures.length === 0 || keys.length === 0) return false

  const message = signedBytes(signed, strict)
  if (!message) return false
  const pairs = keys.flatMap((key) => signatures.map((signature) => ({ key, signature })))
  return pairs.slice(0, MAX_VERIFICATIONS).some(({ key, signature }) => verify(null, message, key, signature))
}

function ed25519Signatures(signatures: JsonValue | undefined): Buffer[] {
  if (!isJsonObject(signatures)) return []
  return Object.values(signatures)
    .filter(isJsonObject)
    .flatMap((byKey) => Object.entries(byKey))
    .filter(([keyId]) => keyId.startsWith('ed25519:'))
    .map(([, signature]) => decodeBase64(signature, ED25519_SIGNATURE_BYTES))
    .filter((signature) => signature !== undefined)
    .slice(0, MAX_VERIFICATIONS)
}

function publicKey(base64: string): KeyObject | undefined {
  const bytes = decodeBase64(base64, ED25519_KEY_BYTES)
  if (!bytes) return undefined
  try {
    return createPublicKey({
      key: { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') },
      format: 'jwk',
    })
  } catch {
    return undefined
  }
}

function decodeBase64(value: JsonValue, bytes: number): Buffer | undefined {
  if (typeof value !== 'string' || !BASE64.test(value)) return undefined
  const decoded = Buffer.from(value, 'base64')
  return decoded.length === bytes ? decoded : undefined
}

/** Undefined where the object has no canonical form, and so cannot have been signed. */
function signedBytes(signed: JsonObject, strict: boolean): Buffer | undefined {
  const entries = Object.entries(signed).filter(([key]) => key !== 'signatures' && key !== 'unsigned')
  try {
    return Buffer.from(canonicalJson(Object.fromEntries(entries), { strict }))
  } catch (error) {
    if (error instanceof CanonicalJsonError) return undefined
    throw error
  }
}
