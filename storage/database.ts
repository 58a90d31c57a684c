import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import type { Schema } from './schema/schema.ts'

/** Where the database is: a connection string, or the fields that node-postgres takes. */
export type DatabaseAddress = Pick<
  pg.PoolConfig,
  'connectionString' | 'host' | 'port' | 'database' | 'user' | 'password' | 'ssl'
>

export type Queries = Kysely<Schema>

/** Enough for the readers of one process; the committer holds a connection of its own. */
const DEFAULT_POOL_SIZE = 10
/** A statement of the request path that runs longer is a mistake or an attack. */
const STATEMENT_TIMEOUT_MS = 60_000

/**
 * PostgreSQL's int8 as a JavaScript number. Every int8 of the schema is an identity, a position, a count or a
 * timestamp that the writers keep below 2^53; a larger one must not be rounded in silence.
 */
function parseInt8(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError(`int8 ${text} does not fit a JavaScript number`)
  return value
}

/** node-postgres settings that every connection of the server shares. */
export function connectionConfig(address: DatabaseAddress): pg.ClientConfig {
  const types = new pg.TypeOverrides()
  types.setTypeParser(pg.types.builtins.INT8, parseInt8)
  return { ...address, types, application_name: 'meridian' }
}

/** The pooled connections of one process, with kysely on top. Closed with `await database.close()`. */
export interface Database {
  readonly address: DatabaseAddress
  readonly pool: pg.Pool
  readonly queries: Queries
  close(): Promise<void>
}

/**
 * Opens the pool.
 *
 * @param options.poolSize the most connections the readers hold.
 * @param options.onError told of errors on idle connections; the pool replaces those by itself.
 */
export function openDatabase(
  address: DatabaseAddress,
  options: { poolSize?: number; onError?: (error: Error) => void } = {},
): Database {
  const pool = new pg.Pool({
    ...connectionConfig(address),
    max: options.poolSize ?? DEFAULT_POOL_SIZE,
    statement_timeout: STATEMENT_TIMEOUT_MS,
  })
  pool.on('error', (error) => options.onError?.(error))
  // The pool listens to idle connections only. One that is lost in use fails its query, which the caller hears of.
  pool.on('connect', (client) => void client.on('error', () => undefined))
  const queries = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) })
  return { address, pool, queries, close: () => queries.destroy() }
}
