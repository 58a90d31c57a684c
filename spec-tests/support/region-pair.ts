import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { DatabaseAddress } from '../../storage/database.ts'
import { createTestDatabase } from './test-database.ts'
import { startTwoRegions, type TwoRegions } from './two-regions.ts'

/** Root's PostgreSQL runs under another account, which must get through to its data. */
const PASSABLE = 0o711

/** Two running regions that know each other. */
export interface RegionPair extends TwoRegions {
  /** Adds what both have logged to the error of a failing step. */
  withLogs<T>(work: () => Promise<T>): Promise<T>
}

/** The database of a region: there already, or its embedded one, which is durable. */
export type RegionDatabase = DatabaseAddress | 'embedded'

/** Databases of the regions; a fresh one for those that are left out. */
export interface PairDatabases {
  readonly north?: RegionDatabase
  readonly south?: RegionDatabase
}

/**
 * Starts two regions, `north.test` and `south.test`, with TLS by one private authority; they end with the test.
 *
 * @param settings further keys of both configuration files.
 */
export async function startRegionPair(
  databases: PairDatabases = {},
  settings?: Readonly<Record<string, unknown>>,
): Promise<RegionPair> {
  const closing = new AsyncDisposableStack()
  // A test that runs out of time never comes to its own disposal.
  onTestFinished(() => closing.disposeAsync())
  const directory = await mkdtemp(join(tmpdir(), 'meridian-regions-'))
  closing.defer(() => rm(directory, { recursive: true, force: true }))
  try {
    await chmod(directory, PASSABLE)
    const databaseOf = async (given: RegionDatabase | undefined): Promise<DatabaseAddress | undefined> => {
      if (given !== undefined) return given === 'embedded' ? undefined : given
      const fresh = await createTestDatabase()
      closing.defer(() => fresh.close())
      return fresh.address
    }
    const addresses = {
      north: await databaseOf(databases.north),
      south: await databaseOf(databases.south),
    }
    const regions = closing.use(await startTwoRegions(directory, addresses, settings))
    return {
      ...regions,
      withLogs: async (work) => {
        try {
          return await work()
        } catch (error) {
          const all = [regions.north, regions.south]
          const logs = all.map((region) => `--- ${region.serverName}:\n${region.output()}`)
          throw new Error(`${error instanceof Error ? error.message : String(error)}\n${logs.join('\n')}`, {
            cause: error,
          })
        }
      },
      [Symbol.asyncDispose]: () => closing.disposeAsync(),
    }
  } catch (error) {
    await closing.disposeAsync()
    throw error
  }
}
