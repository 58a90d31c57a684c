import { publicKeyFromBase64, verifyText } from '../../crypto/ed25519.ts'
import { canonicalJson, CanonicalJsonError } from '../../json/canonical.ts'
import { isJsonObject, ownValue } from '../../json/value.ts'
import type { JsonObject, JsonValue } from '../../json/value.ts'

/**
 * How many pairs of key and signature of one invite are tried. Identity servers use one or two of each, while
 * an event has room for hundreds of both; 256 verifications take some 20 ms.
 */
const MAX_VERIFICATIONS = 256

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
 * @param publicKeys keys in base64, padded or not, of either alphabet.
 * @param strict whether the room version enforces canonical JSON.
 */
export function isSignedByAny(signed: JsonObject, publicKeys: readonly string[], strict: boolean): boolean {
  const signatures = ed25519Signatures(ownValue(signed, 'signatures'))
  const keys = publicKeys.map(publicKeyFromBase64).filter((key) => key !== undefined)
  const text = signedText(signed, strict)
  if (text === undefined) return false

  return keys
    .flatMap((key) => signatures.map((signature) => ({ key, signature })))
    .slice(0, MAX_VERIFICATIONS)
    .some(({ key, signature }) => verifyText(text, signature, key))
}

function ed25519Signatures(signatures: JsonValue | undefined): string[] {
  if (!isJsonObject(signatures)) return []
  return Object.values(signatures)
    .filter(isJsonObject)
    .flatMap((byKeyId) => Object.entries(byKeyId))
    .filter(([keyId]) => keyId.startsWith('ed25519:'))
    .map(([, signature]) => signature)
    .filter((signature) => typeof signature === 'string')
    .slice(0, MAX_VERIFICATIONS)
}

/** Undefined where the object has no canonical form, and so cannot have been signed. */
function signedText(signed: JsonObject, strict: boolean): string | undefined {
  const entries = Object.entries(signed).filter(([key]) => key !== 'signatures' && key !== 'unsigned')
  try {
    return canonicalJson(Object.fromEntries(entries), { strict })
  } catch (error) {
    if (error instanceof CanonicalJsonError) return undefined
    throw error
  }
}
