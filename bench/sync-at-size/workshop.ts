import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { pino } from 'pino'
import type { DatabaseAddress } from '../../storage/database.ts'
import { createDatabase, inDatabase } from '../../storage/embedded/databases.ts'
import { startEmbeddedDatabase } from '../../storage/embedded/start-embedded-database.ts'
import { meridian } from '../compare/meridian.ts'
import { seed, type Seeded } from './seed.ts'
import type { Size } from './size.ts'

const DATABASE = 'sync_at_size'

/** A seeded database that a server can be started on. */
export interface Workshop {
  readonly address: DatabaseAddress
  /** The server's program and parameters. */
  readonly command: readonly string[]
  readonly seeded: Seeded
  /** Undefined where an earlier run has seeded. */
  readonly seedSeconds: number | undefined
  stop(): Promise<void>
}

interface SeedRecord extends Seeded {
  readonly size: Size
}

/**
 * Opens a directory with a database of its own, and seeds it unless an earlier run has.
 *
 * @throws Error when what is there was seeded at another size.
 */
export async function openWorkshop(directory: string, size: Size): Promise<Workshop> {
  await mkdir(directory, { recursive: true })
  const log = pino({ level: 'warn' })
  const embedded = await startEmbeddedDatabase({ dataDir: join(directory, 'postgresql'), log })
  try {
    const address = inDatabase(embedded.address, DATABASE)
    const configuration = join(directory, 'homeserver.yaml')
    await writeFile(configuration, meridian.configuration({ directory, database: address }))
    const record = join(directory, 'seeded.json')
    const known = await readSeeded(record)
    if (known && JSON.stringify(known.size) !== JSON.stringify(size)) {
      throw new Error(`${directory} was seeded at another size: ${JSON.stringify(known.size)}`)
    }
    const started = performance.now()
    const seeded = known ?? (await seedAnew(embedded.address, configuration, directory, size))
    if (!known) await writeFile(record, JSON.stringify({ size, ...seeded } satisfies SeedRecord))
    return {
      address,
      command: await meridian.prepare({ directory, database: address }, configuration),
      seeded,
      seedSeconds: known ? undefined : (performance.now() - started) / 1000,
      stop: () => embedded.stop(),
    }
  } catch (error) {
    await embedded.stop()
    throw error
  }
}

async function readSeeded(record: string): Promise<SeedRecord | undefined> {
  const text = await readFile(record, 'utf8').catch(() => undefined)
  return text === undefined ? undefined : (JSON.parse(text) as SeedRecord)
}

async function seedAnew(
  cluster: DatabaseAddress,
  configuration: string,
  directory: string,
  size: Size,
): Promise<Seeded> {
  await createDatabase(cluster, DATABASE)
  const seeded = await seed(configuration, directory, size)
  // What autovacuum would have done long before a server has grown to this size.
  const client = new pg.Client(inDatabase(cluster, DATABASE))
  await client.connect()
  await client.query('VACUUM ANALYZE').finally(() => client.end())
  return seeded
}
