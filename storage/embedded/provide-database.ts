import type { BaseLogger } from 'pino'
import type { DatabaseAddress } from '../database.ts'
import { inspectDatabase } from '../database-checks.ts'
import { DatabaseUnusableError } from './database-unusable-error.ts'
import { clusterOf } from './placement.ts'
import { isPostgres, readPostmasterFile } from './postmaster-file.ts'
import { socketAddress } from './socket-address.ts'
import { DATABASE_NAME, startEmbeddedDatabase } from './start-embedded-database.ts'

/** Which database the configuration asks for. */
export type DatabaseSource =
  { readonly kind: 'embedded' } | { readonly kind: 'external'; readonly address: DatabaseAddress }

/** A database that can be used until `stop()`, which ends it if it is ours. */
export interface ProvidedDatabase {
  readonly address: DatabaseAddress
  stop(): Promise<void>
}

export interface ProvideOptions {
  readonly dataDir: string
  readonly log: BaseLogger
  /** Interrupts the start of the embedded database. */
  readonly signal?: AbortSignal
}

/** @throws DatabaseUnusableError saying why, and what to do, when the server cannot use that database. */
export async function checkDatabase(address: DatabaseAddress): Promise<void> {
  const facts = await inspectDatabase(address).catch((error: unknown) => {
    const why = error instanceof Error ? error.message || error.name : String(error)
    throw new DatabaseUnusableError(
      `The database cannot be reached: ${why}. Check that it runs, and the database section of the configuration.`,
    )
  })
  if (facts.problems.length > 0) throw new DatabaseUnusableError(facts.problems.join('\n'))
}

/**
 * The configured database, started if it is the embedded one, and found fit for the server.
 *
 * @throws DatabaseUnusableError saying why, and what to do, when it cannot be used.
 */
export async function provideDatabase(
  source: DatabaseSource,
  options: ProvideOptions,
): Promise<ProvidedDatabase> {
  if (source.kind === 'external') {
    await checkDatabase(source.address)
    return { address: source.address, stop: async () => undefined }
  }
  return startEmbeddedDatabase(options)
}

/** The embedded database of a data directory if a server is running on it now. */
export async function runningEmbeddedDatabase(dataDir: string): Promise<DatabaseAddress | undefined> {
  const file = await readPostmasterFile(await clusterOf(dataDir))
  if (file?.socketDirectory === undefined || !(await isPostgres(file.pid))) return undefined
  return socketAddress(file.socketDirectory, DATABASE_NAME)
}
