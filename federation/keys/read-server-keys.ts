import { publicKeyFromBase64 } from '../../protocol/crypto/ed25519.ts'
import { decodeBase64 } from '../../protocol/crypto/base64.ts'
import { signingKeyIds, verifySignedJson } from '../../protocol/events/verify.ts'
import { canonicalJson } from '../../protocol/json/canonical.ts'
import { isJsonObject, ownValue, type JsonObject, type JsonValue } from '../../protocol/json/value.ts'
import type { StoredServerKey } from '../../storage/federation/server-keys.ts'
import { MAX_VALIDITY_MS } from './verify-key.ts'

/** Servers that have rotated for years publish about twenty; each becomes a row. */
const MAX_KEYS_PER_SERVER = 128
const KEY_ID = /^ed25519:[\x21-\x7e]{1,200}$/

/** A statement about keys that must not be believed. The message says why. */
export class BadServerKeysError extends Error {
  constructor(serverName: string, reason: string) {
    super(`the keys of ${serverName}: ${reason}`)
    this.name = 'BadServerKeysError'
  }
}

/** Whether a text can be the id of an Ed25519 key of a server; wider than the grammar, as some servers are. */
export function isUsableKeyId(keyId: string): boolean {
  return KEY_ID.test(keyId)
}

/**
 * Checks a server's statement of its keys and takes the keys out. Keys of unknown algorithms are passed over. The
 * statement must be signed by a key that it says is in use, and every such signature on it must be right.
 *
 * @param direct whether the server itself gave it to us, over TLS.
 * @param now milliseconds since the epoch.
 * @throws BadServerKeysError
 */
export function readServerKeys(
  statement: JsonObject,
  serverName: string,
  direct: boolean,
  now: number,
): StoredServerKey[] {
  const fail = (reason: string): never => {
    throw new BadServerKeysError(serverName, reason)
  }
  if (ownValue(statement, 'server_name') !== serverName) fail('they are said to be of another server')
  const validUntilTs =
    timestamp(ownValue(statement, 'valid_until_ts')) ?? fail('valid_until_ts is no timestamp')
  const current = keysAt(statement, 'verify_keys') ?? fail('verify_keys is no object of keys')
  const old = keysAt(statement, 'old_verify_keys') ?? new Map<string, JsonObject>()
  if (current.size + old.size > MAX_KEYS_PER_SERVER) fail('they are too many')
  checkOwnSignatures(statement, serverName, current, fail)

  const common = {
    serverName,
    direct,
    fetchedTs: now,
    response: Buffer.from(canonicalJson(statement, { strict: false })),
  }
  const keys = new Map<string, StoredServerKey>()
  for (const [keyId, entry] of current) {
    const validUntil = Math.min(validUntilTs, now + MAX_VALIDITY_MS)
    keys.set(keyId, {
      ...common,
      keyId,
      publicKey: keyBytes(entry),
      validUntilTs: validUntil,
      expiredTs: null,
    })
  }
  for (const [keyId, entry] of old) {
    const expiredTs = timestamp(ownValue(entry, 'expired_ts'))
    if (expiredTs === undefined) continue
    // A key that is said to be old from some time to come is old now.
    const expired = Math.min(expiredTs, now)
    keys.set(keyId, {
      ...common,
      keyId,
      publicKey: keyBytes(entry),
      validUntilTs: expired,
      expiredTs: expired,
    })
  }
  return [...keys.values()]
}

function checkOwnSignatures(
  statement: JsonObject,
  serverName: string,
  current: ReadonlyMap<string, JsonObject>,
  fail: (reason: string) => never,
): void {
  let signed = false
  for (const keyId of signingKeyIds(statement, serverName)) {
    const entry = current.get(keyId)
    if (!entry) continue
    const publicKey = publicKeyFromBase64(String(ownValue(entry, 'key')))
    if (!publicKey || !verifySignedJson(statement, serverName, keyId, publicKey)) fail('a signature is wrong')
    signed = true
  }
  if (!signed) fail('none of them has signed the statement')
}

/** The well-formed Ed25519 keys of `verify_keys` or `old_verify_keys`; undefined when that is no object. */
function keysAt(statement: JsonObject, name: string): Map<string, JsonObject> | undefined {
  const keys = ownValue(statement, name)
  if (!isJsonObject(keys)) return undefined
  const usable = new Map<string, JsonObject>()
  for (const [keyId, entry] of Object.entries(keys)) {
    if (!isUsableKeyId(keyId) || !isJsonObject(entry)) continue
    const key = ownValue(entry, 'key')
    if (typeof key === 'string' && publicKeyFromBase64(key)) usable.set(keyId, entry)
  }
  return usable
}

function keyBytes(entry: JsonObject): Buffer {
  return Buffer.from(decodeBase64(String(ownValue(entry, 'key'))) ?? [])
}

function timestamp(value: JsonValue | undefined): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}
