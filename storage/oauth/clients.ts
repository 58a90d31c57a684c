import type { Queries } from '../database.ts'

/** A client as it was registered. */
export interface StoredClient {
  readonly clientId: string
  /** JSON text. */
  readonly metadata: string
}

/**
 * Registers a client, or finds the one with the same metadata, whose age then begins anew.
 *
 * @param metadataHash of the metadata's canonical form.
 * @returns the id of the client and when it was registered, ms since the epoch.
 */
export async function upsertClient(
  queries: Queries,
  client: StoredClient & { metadataHash: Buffer; now: number },
): Promise<string> {
  const row = await queries
    .insertInto('oauth_client')
    .values({
      client_id: client.clientId,
      metadata: client.metadata,
      metadata_hash: client.metadataHash,
      registered_ts: client.now,
    })
    .onConflict((conflict) => conflict.column('metadata_hash').doUpdateSet({ registered_ts: client.now }))
    .returning('client_id')
    .executeTakeFirstOrThrow()
  return row.client_id
}

/** A client, or undefined. */
export async function findClient(queries: Queries, clientId: string): Promise<StoredClient | undefined> {
  return queries
    .selectFrom('oauth_client')
    .select(['client_id as clientId', 'metadata'])
    .where('client_id', '=', clientId)
    .executeTakeFirst()
}
