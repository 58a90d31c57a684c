import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { promisify } from 'node:util'
import nacl from 'tweetnacl'
import { decodeBase64, encodeBase64, encodeBase64Url } from './base64.ts'

/** Bytes of a seed and of a public key (RFC 8032, section 5.1.5). */
export const ED25519_KEY_BYTES = 32
/** Bytes of a signature (RFC 8032, section 5.1.6). */
export const ED25519_SIGNATURE_BYTES = 64

/** A key that signs in the name of a server. */
export interface SigningKey {
  /** `ed25519:a_1234` for example. */
  readonly keyId: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  /** The public key as it is published: 32 bytes in unpadded base64. */
  readonly publicKeyBase64: string
}

/**
 * Makes a signing key from its seed.
 *
 * @param seed 32 random bytes.
 * @param identifier what follows `ed25519:` in the key id.
 * @throws Error when the seed has another length.
 */
export function createSigningKey(seed: Uint8Array, identifier: string): SigningKey {
  const pair = nacl.sign.keyPair.fromSeed(seed)
  const d = encodeBase64Url(seed)
  const x = encodeBase64Url(pair.publicKey)
  return {
    keyId: `ed25519:${identifier}`,
    privateKey: createPrivateKey({ key: { kty: 'OKP', crv: 'Ed25519', d, x }, format: 'jwk' }),
    publicKey: createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }),
    publicKeyBase64: encodeBase64(pair.publicKey),
  }
}

/** A fresh seed for {@link createSigningKey}. */
export function createSeed(): Uint8Array {
  return nacl.randomBytes(ED25519_KEY_BYTES)
}

/** Reads a public key in base64; undefined when it is not 32 bytes. */
export function publicKeyFromBase64(text: string): KeyObject | undefined {
  const bytes = decodeBase64(text)
  if (bytes?.length !== ED25519_KEY_BYTES) return undefined
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: encodeBase64Url(bytes) }, format: 'jwk' })
}

/** Signs a text's UTF-8; the signature is unpadded base64. */
export function signText(text: string, privateKey: KeyObject): string {
  return encodeBase64(sign(null, Buffer.from(text), privateKey))
}

/** Whether `signature` (base64, padded or not) is the key's signature of a text's UTF-8. */
export function verifyText(text: string, signature: string, publicKey: KeyObject): boolean {
  const bytes = decodeBase64(signature)
  return bytes?.length === ED25519_SIGNATURE_BYTES && verify(null, Buffer.from(text), publicKey, bytes)
}

/** As {@link verifyText}, in one of the threads of libuv: 0.1 ms that the event loop is spared. */
export async function verifyTextAside(
  text: string,
  signature: string,
  publicKey: KeyObject,
): Promise<boolean> {
  const bytes = decodeBase64(signature)
  return bytes?.length === ED25519_SIGNATURE_BYTES && verifyAside(null, Buffer.from(text), publicKey, bytes)
}

const verifyAside = promisify(verify)
