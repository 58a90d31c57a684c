import { sql } from 'kysely'
import type { Queries } from '../database.ts'

/** A signing key of another server, with what is known of its validity. Times in milliseconds since the epoch. */
export interface StoredServerKey {
  readonly serverName: string
  readonly keyId: string
  /** 32 bytes. */
  readonly publicKey: Buffer
  readonly validUntilTs: number
  readonly expiredTs: number | null
  /** Whether the server itself told us, rather than a notary. */
  readonly direct: boolean
  readonly fetchedTs: number
  /** The server's signed statement, as JSON text. */
  readonly response: Buffer
}

const COLUMNS = [
  'server_name as serverName',
  'key_id as keyId',
  'public_key as publicKey',
  'valid_until_ts as validUntilTs',
  'expired_ts as expiredTs',
  'direct',
  'fetched_ts as fetchedTs',
  'response',
] as const

/** The stored keys of some servers, all of each. */
export async function serverKeysOf(
  queries: Queries,
  serverNames: readonly string[],
): Promise<StoredServerKey[]> {
  if (serverNames.length === 0) return []
  return queries
    .selectFrom('server_key')
    .select(COLUMNS)
    .where('server_name', '=', sql<string>`any(${[...serverNames]}::text[])`)
    .execute()
}

/**
 * Stores keys. What a server itself says replaces what was known. A notary may add a key and may prolong one that
 * has the same bytes; it cannot put another key in its place.
 */
export async function storeServerKeys(queries: Queries, keys: readonly StoredServerKey[]): Promise<void> {
  if (keys.length === 0) return
  await queries
    .insertInto('server_key')
    .values(
      keys.map((key) => ({
        server_name: key.serverName,
        key_id: key.keyId,
        public_key: key.publicKey,
        valid_until_ts: key.validUntilTs,
        expired_ts: key.expiredTs,
        direct: key.direct,
        fetched_ts: key.fetchedTs,
        response: key.response,
      })),
    )
    .onConflict((conflict) =>
      conflict
        .columns(['server_name', 'key_id'])
        .doUpdateSet((row) => ({
          public_key: row.ref('excluded.public_key'),
          valid_until_ts: row.ref('excluded.valid_until_ts'),
          expired_ts: row.ref('excluded.expired_ts'),
          direct: row.ref('excluded.direct'),
          fetched_ts: row.ref('excluded.fetched_ts'),
          response: row.ref('excluded.response'),
        }))
        .where((row) =>
          row.or([
            row('excluded.direct', '=', true),
            row.and([
              row('server_key.public_key', '=', row.ref('excluded.public_key')),
              row('server_key.valid_until_ts', '<', row.ref('excluded.valid_until_ts')),
            ]),
          ]),
        ),
    )
    .execute()
}
