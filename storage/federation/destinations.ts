import type { Queries } from '../database.ts'

/** A server that could not be reached of late. Times in milliseconds. */
export interface FailingDestination {
  readonly serverName: string
  readonly failingSince: number
  readonly retryLast: number
  readonly retryInterval: number
}

/** The servers that fail, those first that were tried last, `limit` at most. */
export async function failingDestinations(queries: Queries, limit: number): Promise<FailingDestination[]> {
  return queries
    .selectFrom('federation_destination')
    .select([
      'server_name as serverName',
      'failing_since as failingSince',
      'retry_last as retryLast',
      'retry_interval as retryInterval',
    ])
    .orderBy('retry_last', 'desc')
    .limit(limit)
    .execute()
}

/** Records a failure. `failingSince` stays what it was when the failures began. */
export async function recordFailure(queries: Queries, failing: FailingDestination): Promise<void> {
  await queries
    .insertInto('federation_destination')
    .values({
      server_name: failing.serverName,
      failing_since: failing.failingSince,
      retry_last: failing.retryLast,
      retry_interval: failing.retryInterval,
    })
    .onConflict((conflict) =>
      conflict.column('server_name').doUpdateSet((row) => ({
        retry_last: row.ref('excluded.retry_last'),
        retry_interval: row.ref('excluded.retry_interval'),
      })),
    )
    .execute()
}

/** Forgets the failures of a server that has been heard from. */
export async function clearFailures(queries: Queries, serverName: string): Promise<void> {
  await queries.deleteFrom('federation_destination').where('server_name', '=', serverName).execute()
}
