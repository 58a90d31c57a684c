import { join } from 'node:path'
import type { DatabaseAddress } from '../../storage/database.ts'
import { openLink } from './link.ts'
import { createPrivateAuthority } from './private-authority.ts'
import { createRegion, type Region } from './region.ts'

/** Two running regions that know each other. */
export interface TwoRegions extends AsyncDisposable {
  readonly north: Region
  readonly south: Region
  /** Breaks the network between them, for both directions. */
  cut(): void
  heal(): void
}

/** Of either region; undefined is its embedded database, which is durable. */
export interface RegionDatabases {
  readonly north: DatabaseAddress | undefined
  readonly south: DatabaseAddress | undefined
}

type Name = keyof RegionDatabases

/**
 * Starts `north.test` and `south.test`, with TLS by one private authority.
 *
 * @param directory one that PostgreSQL's own user can get through.
 * @param settings further keys of both configuration files.
 * @param delayMs how long what one sends is on its way to the other.
 */
export async function startTwoRegions(
  directory: string,
  databases: RegionDatabases,
  settings?: Readonly<Record<string, unknown>>,
  delayMs = 0,
): Promise<TwoRegions> {
  const closing = new AsyncDisposableStack()
  try {
    const authority = await createPrivateAuthority(join(directory, 'authority.crt'))
    const links = { north: await openLink(delayMs), south: await openLink(delayMs) }
    closing.defer(async () => void (await Promise.all([links.north.close(), links.south.close()])))
    const create = async (name: Name, peer: Name): Promise<Region> => {
      const region = await createRegion({
        serverName: `${name}.test`,
        authority,
        directory: join(directory, name),
        database: databases[name],
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
      [Symbol.asyncDispose]: () => closing.disposeAsync(),
    }
  } catch (error) {
    await closing.disposeAsync()
    throw error
  }
}
