import { publicKeyFromBase64, verifyText } from '../../protocol/crypto/ed25519.ts'
import { parseJson } from '../../protocol/json/parse.ts'
import { isJsonObject, ownValue, type JsonObject, type JsonValue } from '../../protocol/json/value.ts'
import type { SignedKey } from './signed-key.ts'

/** The signatures of a user on a key, by the ids of the keys that made them. */
export function signaturesOf(key: SignedKey, signer: string): ReadonlyMap<string, string> {
  const theirs = objectOf(ownValue(parseJson(key.signatures) as JsonObject, signer))
  return new Map(
    Object.entries(theirs).flatMap(([id, value]) =>
      typeof value === 'string' ? [[id, value] as const] : [],
    ),
  )
}

/**
 * Whether a text is an Ed25519 key's signature of a key object (appendices, "Signing JSON").
 *
 * @param publicKey base64.
 */
export function isSignatureBy(signature: string, key: SignedKey, publicKey: string): boolean {
  const signingKey = publicKeyFromBase64(publicKey)
  return signingKey !== undefined && verifyText(key.content, signature, signingKey)
}

/** The key of an id, `ed25519:DEVICE` for example, that a key object publishes; undefined for none. */
export function publishedKey(key: SignedKey, keyId: string): string | undefined {
  const value = ownValue(objectOf(ownValue(parseJson(key.content) as JsonObject, 'keys')), keyId)
  return typeof value === 'string' ? value : undefined
}

/** The public key of a cross-signing key. */
export function crossSigningPublicKey(key: SignedKey): string | undefined {
  const values = Object.values(objectOf(ownValue(parseJson(key.content) as JsonObject, 'keys')))
  return typeof values[0] === 'string' ? values[0] : undefined
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {}
}
