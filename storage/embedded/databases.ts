import pg from 'pg'
import type { DatabaseAddress } from '../database.ts'

const DUPLICATE_DATABASE = '42P04'

/** A connection string up to its database's name: `scheme://authority`, and then the path. */
const AUTHORITY_AND_PATH = /^([a-z]+:\/\/[^/?#]*)(\/[^?#]*)?/

/** The address of another database of the same cluster. */
export function inDatabase(address: DatabaseAddress, name: string): DatabaseAddress {
  const { connectionString } = address
  if (connectionString === undefined) return { ...address, database: name }
  const path = `/${encodeURIComponent(name)}`
  return { ...address, connectionString: connectionString.replace(AUTHORITY_AND_PATH, `$1${path}`) }
}

async function withClient<T>(address: DatabaseAddress, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(address)
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/**
 * Creates a database with the encoding and collation that the server needs, if there is none of that name.
 *
 * @param address a database of the same cluster, by a user who may create databases.
 * @param template copied whole; nobody may be connected to it.
 */
export function createDatabase(address: DatabaseAddress, name: string, template?: string): Promise<void> {
  return withClient(address, async (client) => {
    const source = template
      ? `TEMPLATE ${client.escapeIdentifier(template)}`
      : "TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"
    await client
      .query(`CREATE DATABASE ${client.escapeIdentifier(name)} ${source}`)
      .catch((error: { code?: string }) => {
        if (error.code !== DUPLICATE_DATABASE) throw error
      })
  })
}

/** Drops a database with all connections to it; one that is not there is no error. */
export function dropDatabase(address: DatabaseAddress, name: string): Promise<void> {
  return withClient(address, async (client) => {
    await client.query(`DROP DATABASE IF EXISTS ${client.escapeIdentifier(name)} WITH (FORCE)`)
  })
}
