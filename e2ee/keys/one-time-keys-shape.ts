import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { canonicalJson, CanonicalJsonError } from '../../protocol/json/canonical.ts'
import { isJsonObject, ownValue, type JsonObject, type JsonValue } from '../../protocol/json/value.ts'
import type { StoredKey } from '../../storage/e2ee/one-time-keys.ts'
import { MAX_KEY_ID_LENGTH, MAX_ONE_TIME_KEY_BYTES } from './key-limits.ts'
import { badJson, checkSignatures } from './read-map.ts'

const VISIBLE_ASCII = /^[\x21-\x7e]+$/

/**
 * Checks one-time or fallback keys by their ids (client-server API, "One-time and fallback keys"): texts, or objects
 * with a `key` and signatures.
 *
 * @throws MatrixError 400 M_BAD_JSON, M_TOO_LARGE.
 */
export function readOneTimeKeys(keys: JsonObject, what: string, maxKeys: number): StoredKey[] {
  const entries = Object.entries(keys)
  if (entries.length > maxKeys) {
    throw new MatrixError(400, 'M_TOO_LARGE', `\`${what}\` may have ${maxKeys} keys at most`)
  }
  return entries.map(([id, key]) => {
    const colon = id.indexOf(':')
    const [algorithm, keyId] = [id.slice(0, colon), id.slice(colon + 1)]
    if (!isKeyName(algorithm) || !isKeyName(keyId)) {
      throw badJson(`The ids in \`${what}\` must be an algorithm, a colon and an id`)
    }
    const content = keyText(key, what)
    if (content.length > MAX_ONE_TIME_KEY_BYTES) {
      throw new MatrixError(400, 'M_TOO_LARGE', `A key of \`${what}\` is too large`)
    }
    return { algorithm, keyId, content }
  })
}

/** Whether a text can be an algorithm or the id of a key. */
export function isKeyName(text: string): boolean {
  return text.length <= MAX_KEY_ID_LENGTH && VISIBLE_ASCII.test(text)
}

function keyText(key: JsonValue, what: string): string {
  if (typeof key !== 'string') {
    if (!isJsonObject(key) || typeof ownValue(key, 'key') !== 'string') {
      throw badJson(`The keys in \`${what}\` must be texts, or objects with a \`key\``)
    }
    if (ownValue(key, 'signatures') !== undefined) checkSignatures(ownValue(key, 'signatures'), what)
  }
  try {
    return canonicalJson(key)
  } catch (error) {
    if (!(error instanceof CanonicalJsonError)) throw error
    throw badJson(`A key of \`${what}\` has no canonical form`)
  }
}
