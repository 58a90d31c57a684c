import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { CanonicalJsonError } from '../../protocol/json/canonical.ts'
import { ownValue, type JsonObject } from '../../protocol/json/value.ts'
import { MAX_DEVICE_KEYS_BYTES } from './key-limits.ts'
import { badJson, checkSignatures, textEntries } from './read-map.ts'
import { signedKeyOf, type SignedKey } from './signed-key.ts'

/**
 * Checks the key object of a device (client-server API, "Device keys"). What other servers cannot read must not get in:
 * it would hold up everything that is sent to them (CVE-2025-61672).
 *
 * @throws MatrixError 400 M_BAD_JSON for another shape, M_INVALID_PARAM for another user's or device's keys,
 *   M_TOO_LARGE.
 */
export function readDeviceKeys(keys: JsonObject, owner: { userId: string; deviceId: string }): SignedKey {
  checkDeviceKeys(keys)
  if (ownValue(keys, 'user_id') !== owner.userId || ownValue(keys, 'device_id') !== owner.deviceId) {
    throw new MatrixError(400, 'M_INVALID_PARAM', 'These are not the keys of this user and device')
  }
  const key = canonicalKey(keys, 'device_keys')
  if (key.content.length + key.signatures.length > MAX_DEVICE_KEYS_BYTES) {
    throw new MatrixError(400, 'M_TOO_LARGE', '`device_keys` is too large')
  }
  // What stands in `unsigned` is this server's to say.
  return { content: key.content, signatures: key.signatures }
}

/** Checks the shape of device keys, whosever they are. @throws MatrixError 400 M_BAD_JSON. */
export function checkDeviceKeys(keys: JsonObject): void {
  const deviceId = ownValue(keys, 'device_id')
  if (typeof ownValue(keys, 'user_id') !== 'string' || typeof deviceId !== 'string') {
    throw badJson('`device_keys` must name its user and device')
  }
  const algorithms = ownValue(keys, 'algorithms')
  if (!Array.isArray(algorithms) || !algorithms.every((algorithm) => typeof algorithm === 'string')) {
    throw badJson('`device_keys.algorithms` must be a list of texts')
  }
  for (const [keyId] of textEntries(ownValue(keys, 'keys'), '`device_keys.keys`')) {
    const colon = keyId.indexOf(':')
    if (colon < 1 || keyId.slice(colon + 1) !== deviceId) {
      throw badJson('The ids in `device_keys.keys` must be an algorithm and the device id')
    }
  }
  checkSignatures(ownValue(keys, 'signatures'), '`device_keys`')
}

/** Takes a key apart. @throws MatrixError 400 M_BAD_JSON for what has no canonical form. */
export function canonicalKey(key: JsonObject, what: string): SignedKey {
  try {
    return signedKeyOf(key)
  } catch (error) {
    if (!(error instanceof CanonicalJsonError)) throw error
    throw badJson(`\`${what}\` has no canonical form`)
  }
}
