import { sql } from 'kysely'

/** The database's clock in milliseconds since the epoch: the one that all processes share. */
export const databaseNowMs = sql<number>`(extract(epoch FROM statement_timestamp()) * 1000)::bigint`
