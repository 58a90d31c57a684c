import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatabaseAddress } from '../../storage/database.ts'
import { openLink, type Link } from '../support/link.ts'
import { createPrivateAuthority } from '../support/private-authority.ts'
import { createRegion, type Region } from '../support/region.ts'

/** Root's PostgreSQL runs under another account, which must get through to its data. */
const PASSABLE = 0o711

/** Several regions in which each reaches each other by a way of its own, which can be cut alone. */
export interface Mesh extends AsyncDisposable {
  readonly regions: readonly Region[]
  /** Cuts the way from one to another, for the requests of the first. */
  cut(from: number, to: number): void
  /** Mends every way. */
  heal(): void
}

/** Starts a region on each database, with TLS by one private authority. They are named `s0.test` and so on. */
export async function startMesh(databases: readonly DatabaseAddress[]): Promise<Mesh> {
  const closing = new AsyncDisposableStack()
  try {
    const directory = await mkdtemp(join(tmpdir(), 'meridian-mesh-'))
    closing.defer(() => rm(directory, { recursive: true, force: true }))
    await chmod(directory, PASSABLE)
    const authority = await createPrivateAuthority(join(directory, 'authority.crt'))
    const names = databases.map((_, index) => `s${index}.test`)
    /** By the server that goes, and the server that it leads to. */
    const links: Link[][] = []
    for (const _from of names) links.push(await Promise.all(names.map(() => openLink())))
    closing.defer(async () => void (await Promise.all(links.flat().map((link) => link.close()))))
    const regions: Region[] = []
    for (const [index, serverName] of names.entries()) {
      const region = await createRegion({
        serverName,
        authority,
        directory: join(directory, serverName),
        database: databases[index],
        peers: new Map(names.map((name, to) => [name, links[index]![to]!.port])),
        federationLinks: links.map((ways) => ways[index]!),
      })
      closing.defer(() => region.close())
      regions.push(region)
    }
    await Promise.all(regions.map((region) => region.start()))
    return {
      regions,
      cut: (from, to) => links[from]![to]!.cut(),
      heal: () => links.flat().forEach((link) => link.heal()),
      [Symbol.asyncDispose]: () => closing.disposeAsync(),
    }
  } catch (error) {
    await closing.disposeAsync()
    throw error
  }
}
