import { randomBytes } from 'node:crypto'
import { inject } from 'vitest'
import type { DatabaseAddress } from '../../storage/database.ts'
import { createDatabase, dropDatabase, inDatabase } from '../../storage/embedded/databases.ts'

/** A database that one test file has for itself. */
export interface TestDatabase {
  readonly address: DatabaseAddress
  /** Drops it, with all connections to it. */
  close(): Promise<void>
}

/**
 * Creates a database with the newest schema and nothing in it, real and of its own.
 *
 * @param options.empty without the schema, for tests of the migrations themselves.
 */
export async function createTestDatabase(options: { empty?: boolean } = {}): Promise<TestDatabase> {
  const cluster = inject('testCluster')
  const name = `meridian_test_${randomBytes(8).toString('hex')}`
  await createDatabase(cluster, name, options.empty ? undefined : inject('testTemplate'))
  return { address: inDatabase(cluster, name), close: () => dropDatabase(cluster, name) }
}
