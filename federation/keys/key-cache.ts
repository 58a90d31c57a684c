import { LRUCache } from 'lru-cache'
import { publicKeyFromBase64 } from '../../protocol/crypto/ed25519.ts'
import type { Queries } from '../../storage/database.ts'
import { serverKeysOf, storeServerKeys, type StoredServerKey } from '../../storage/federation/server-keys.ts'
import type { KnownKeys } from './key-request.ts'
import type { VerifyKey } from './verify-key.ts'

/** Servers whose keys are held in memory, about a kilobyte each. */
const MAX_SERVERS = 20_000
/** Other processes learn keys too; a server's rows are read again after this long. */
const REMEMBERED_MS = 10 * 60_000

/** Other servers' keys, in memory and in the database. */
export interface KeyCache {
  /** What is known of some servers, possibly out of date. Servers of which nothing is known are left out. */
  known(servers: Iterable<string>): Promise<KnownKeys>
  /** Keeps keys that have been verified. */
  store(keys: readonly StoredServerKey[]): Promise<void>
}

/** @param isInsecure tells keys that prove nothing: they are as good as unknown. */
export function keyCache(queries: Queries, isInsecure: (publicKey: Buffer) => boolean): KeyCache {
  const remembered = new LRUCache<string, ReadonlyMap<string, VerifyKey>>({
    max: MAX_SERVERS,
    ttl: REMEMBERED_MS,
  })

  const load = async (servers: readonly string[]): Promise<Map<string, ReadonlyMap<string, VerifyKey>>> => {
    const loaded = new Map<string, ReadonlyMap<string, VerifyKey>>()
    for (const [server, rows] of Map.groupBy(await serverKeysOf(queries, servers), (row) => row.serverName)) {
      const keys = verifyKeys(rows.filter(({ publicKey }) => !isInsecure(publicKey)))
      remembered.set(server, keys)
      loaded.set(server, keys)
    }
    return loaded
  }

  return {
    async known(servers) {
      const found = new Map<string, ReadonlyMap<string, VerifyKey>>()
      const missing: string[] = []
      for (const server of new Set(servers)) {
        const keys = remembered.get(server)
        if (keys) found.set(server, keys)
        else missing.push(server)
      }
      if (missing.length > 0) for (const [server, keys] of await load(missing)) found.set(server, keys)
      return found
    },

    async store(keys) {
      await storeServerKeys(queries, [...longestValid(keys).values()])
      // The rows, not `keys`: what a notary says does not always replace what was known.
      await load([...new Set(keys.map(({ serverName }) => serverName))])
    },
  }
}

/** One of each key: a notary may pass on several statements of a server. */
function longestValid(keys: readonly StoredServerKey[]): Map<string, StoredServerKey> {
  const best = new Map<string, StoredServerKey>()
  for (const key of keys) {
    const name = `${key.serverName} ${key.keyId}`
    const other = best.get(name)
    if (!other || other.validUntilTs < key.validUntilTs) best.set(name, key)
  }
  return best
}

function verifyKeys(rows: readonly StoredServerKey[]): ReadonlyMap<string, VerifyKey> {
  const keys = new Map<string, VerifyKey>()
  for (const { keyId, publicKey, validUntilTs, expiredTs } of rows) {
    const key = publicKeyFromBase64(publicKey.toString('base64'))
    if (key) keys.set(keyId, { publicKey: key, validUntilTs, expiredTs })
  }
  return keys
}
