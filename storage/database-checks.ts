import pg from 'pg'
import type { DatabaseAddress } from './database.ts'

/** `server_version_num` of PostgreSQL 15.0. */
const OLDEST_VERSION = 150_000
const CONNECT_TIMEOUT_MS = 10_000

interface Properties {
  readonly version: string
  readonly version_number: number
  readonly encoding: string
  readonly collation: string
  readonly ctype: string
  /** `c` for the C library, `i` for ICU, `b` for PostgreSQL's own, which sorts by code point in every locale. */
  readonly provider: string | null
}

/** What a database says of itself. */
export interface DatabaseFacts {
  /** `18.4` for example. */
  readonly version: string
  /** A sentence each, with what to do; empty when the server can use it. */
  readonly problems: readonly string[]
}

const HOW_TO_CREATE =
  "create it anew with CREATE DATABASE meridian TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"

/**
 * Asks a database whether the server can use it: PostgreSQL 15 or newer, UTF-8, and the C collation, under which
 * text sorts by code point as Matrix sorts it, and no upgrade of the system's locales can corrupt an index.
 *
 * @throws the database's error when it cannot be reached.
 */
export async function inspectDatabase(address: DatabaseAddress): Promise<DatabaseFacts> {
  const client = new pg.Client({ ...address, connectionTimeoutMillis: CONNECT_TIMEOUT_MS })
  client.on('error', () => undefined)
  await client.connect()
  try {
    const { rows } = await client.query<Properties>(
      `select current_setting('server_version') as version,
         current_setting('server_version_num')::int as version_number,
         pg_encoding_to_char(encoding) as encoding, datcollate as collation, datctype as ctype,
         to_jsonb(pg_database) ->> 'datlocprovider' as provider
       from pg_database where datname = current_database()`,
    )
    const [found] = rows
    return { version: found?.version ?? 'unknown', problems: found ? problemsOf(found) : [] }
  } finally {
    await client.end()
  }
}

function sortsByCodePoint({ collation, ctype, provider }: Properties): boolean {
  if (provider === 'b') return true
  return provider !== 'i' && collation === 'C' && ctype === 'C'
}

function problemsOf(found: Properties): string[] {
  const problems: string[] = []
  if (found.version_number < OLDEST_VERSION) {
    problems.push(`PostgreSQL ${found.version} is too old: upgrade it to 15 or newer.`)
  }
  if (found.encoding !== 'UTF8') {
    problems.push(`The database's encoding is ${found.encoding} and must be UTF8: ${HOW_TO_CREATE}.`)
  }
  if (!sortsByCodePoint(found)) {
    const name = found.provider === 'i' ? 'one of ICU' : `${found.collation}/${found.ctype}`
    problems.push(`The database's collation is ${name} and must be C: ${HOW_TO_CREATE}.`)
  }
  return problems
}
