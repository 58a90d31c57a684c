import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { DatabaseAddress } from '../../storage/database.ts'
import { openLink } from './link.ts'
import { createPrivateAuthority } from './private-authority.ts'
import { createRegion, type Region } from './region.ts'
import { createTestDatabase } from './test-database.ts'

/** Root's PostgreSQL runs under another account, which must get through to its data. */
const PASSABLE = 0o711

/** Two running regions that know each other. */
export interface RegionPair extends AsyncDisposable {
  readonly north: Region
  readonly south: Region
  /** Breaks the network between them, for both directions. */
  cut(): void
  heal(): void
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

type Name = 'north' | 'south'

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
    const authority = await createPrivateAuthority(join(directory, 'authority.crt'))
    const links = { north: await openLink(), south: await openLink() }
    closing.defer(async () => void (await Promise.all([links.north.close(), links.south.close()])))
    const databaseOf = async (name: Name): Promise<DatabaseAddress | undefined> => {
      const given = databases[name]
      if (given !== undefined) return given === 'embedded' ? undefined : given
      const fresh = await createTestDatabase()
      closing.defer(() => fresh.close())
      return fresh.address
    }
    const create = async (name: Name, peer: Name): Promise<Region> => {
      const region = await createRegion({
        serverName: `${name}.test`,
        authority,
        directory: join(directory, name),
        database: await databaseOf(name),
        peers: new Map([[`${peer}.test`, links[peer].port]]),
        federationLinks: [links[name]],
        settings,
      })
      closing.defer(() => region.close())
      return region
    }
    const north = await create('north', 'south')
    const south = await create('south', 'north')
    await Promise.all([north.start(), south.start()])
    return {
      north,
      south,
      cut: () => [links.north, links.south].forEach((link) => link.cut()),
      heal: () => [links.north, links.south].forEach((link) => link.heal()),
      withLogs: async (work) => {
        try {
          return await work()
        } catch (error) {
          const logs = [north, south].map((region) => `--- ${region.serverName}:\n${region.output()}`)
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
