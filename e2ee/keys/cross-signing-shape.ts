import { publicKeyFromBase64 } from '../../protocol/crypto/ed25519.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { ownValue, type JsonObject } from '../../protocol/json/value.ts'
import type { CrossSigningUsage } from '../../storage/schema/cross-signing-key.ts'
import { canonicalKey } from './device-keys-shape.ts'
import { MAX_CROSS_SIGNING_KEY_BYTES } from './key-limits.ts'
import { badJson, checkSignatures, optionalMap, textEntries } from './read-map.ts'
import type { SignedKey } from './signed-key.ts'

/** A cross-signing key of an upload. */
export interface CrossSigningKey extends SignedKey {
  readonly usage: CrossSigningUsage
  /** Unpadded base64. */
  readonly publicKey: string
}

const UNPADDED_BASE64 = /^[A-Za-z0-9+/]+$/

/**
 * Reads a cross-signing key of a body (client-server API, "Cross-signing"), whose signatures are not looked at.
 *
 * @returns undefined when it is left out.
 * @throws MatrixError 400 M_BAD_JSON, M_INVALID_PARAM for a key of another user or usage, M_TOO_LARGE.
 */
export function readCrossSigningKey(
  body: JsonObject,
  usage: CrossSigningUsage,
  userId: string,
): CrossSigningKey | undefined {
  const field = `${usage}_key`
  const key = optionalMap(body, field)
  if (!key) return undefined
  if (ownValue(key, 'user_id') !== userId) {
    throw new MatrixError(400, 'M_INVALID_PARAM', `\`${field}\` is the key of somebody else`)
  }
  const usages = ownValue(key, 'usage')
  if (!Array.isArray(usages) || !usages.includes(usage)) {
    throw new MatrixError(400, 'M_INVALID_PARAM', `\`${field}\` is for another usage`)
  }
  const keys = textEntries(ownValue(key, 'keys'), `\`${field}.keys\``)
  const [keyId, publicKey] = keys.length === 1 ? keys[0]! : ['', '']
  const isKey = UNPADDED_BASE64.test(publicKey) && publicKeyFromBase64(publicKey) !== undefined
  if (!isKey || keyId !== `ed25519:${publicKey}`) {
    throw badJson(`\`${field}.keys\` must hold one Ed25519 key, named by itself`)
  }
  if (ownValue(key, 'signatures') !== undefined) checkSignatures(ownValue(key, 'signatures'), `\`${field}\``)
  const { content, signatures } = canonicalKey(key, field)
  if (content.length + signatures.length > MAX_CROSS_SIGNING_KEY_BYTES) {
    throw new MatrixError(400, 'M_TOO_LARGE', `\`${field}\` is too large`)
  }
  return { usage, publicKey, content, signatures }
}
