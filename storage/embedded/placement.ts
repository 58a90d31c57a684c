import { randomBytes } from 'node:crypto'
import { access, cp, link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { BaseLogger } from 'pino'
import { binariesIn, installedBinaries, majorVersionOf, type PostgresBinaries } from './binaries.ts'
import { completeInstallation, isComplete } from './complete-installation.ts'
import { DatabaseUnusableError } from './database-unusable-error.ts'
import { canReach, chooseDatabaseUser, type DatabaseUser } from './database-user.ts'

/** Where the parts of one embedded database are, and who runs it. */
export interface Placement {
  readonly binaries: PostgresBinaries
  /** Ours; holds the cluster, the socket and PostgreSQL's log. */
  readonly home: string
  /** PostgreSQL's own data directory. */
  readonly cluster: string
  readonly user: DatabaseUser | undefined
}

/** Where root puts what the database's account cannot reach in the checkout: every account can enter it. */
const SYSTEM_DIRECTORY = '/var/lib/meridian'
/** In the data directory, naming the place that its database has moved to. */
const POINTER_FILE = 'postgresql-location'
const HOME_NAME = 'postgresql'
const CLUSTER_NAME = 'cluster'
/** Others may pass through but not list: the account of the database is another than root's. */
const PASSABLE = 0o711
const PRIVATE = 0o700

/** Creates the directory of all that the server keeps on disk, passable for the database's account if we are root. */
export async function createDataDirectory(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: process.geteuid?.() === 0 ? PASSABLE : PRIVATE })
}

async function copyBinaries(from: PostgresBinaries, to: string): Promise<PostgresBinaries> {
  const target = binariesIn(to)
  if (await isComplete(target)) return target
  await mkdir(dirname(to), { recursive: true, mode: 0o755 })
  const scratch = `${to}.${randomBytes(6).toString('hex')}`
  await cp(from.directory, scratch, { recursive: true, verbatimSymlinks: true })
  await completeInstallation(binariesIn(scratch))
  await rename(scratch, to).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
  })
  await rm(scratch, { recursive: true, force: true })
  return target
}

/** The installed programs where they are, or a copy of them that the account can run and we can complete. */
async function reachableBinaries(
  user: DatabaseUser | undefined,
  dataDirectory: string,
  log: BaseLogger,
): Promise<PostgresBinaries> {
  const installed = installedBinaries()
  await completeInstallation(installed).catch(() => undefined)
  const complete = await isComplete(installed)
  if (complete && (!user || (await canReach(user, '/', installed.postgres)))) return installed
  const parent = user ? SYSTEM_DIRECTORY : dataDirectory
  const version = await readFile(join(installed.directory, '..', 'package.json'), 'utf8')
  const name = `postgresql-programs-${String((JSON.parse(version) as { version?: string }).version)}`
  const copy = await copyBinaries(installed, join(parent, name))
  log.info(
    { directory: copy.directory },
    'PostgreSQL runs from a copy: the account it runs under cannot use the installation',
  )
  return copy
}

async function movedHome(dataDirectory: string): Promise<string | undefined> {
  const text = await readFile(join(dataDirectory, POINTER_FILE), 'utf8').catch(() => '')
  return text.trim() || undefined
}

/** PostgreSQL's own directory for a data directory, whether or not there is one yet. */
export async function clusterOf(dataDirectory: string): Promise<string> {
  return join((await movedHome(dataDirectory)) ?? join(dataDirectory, HOME_NAME), CLUSTER_NAME)
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

/** Makes a home outside of the data directory; of two starts at the same moment both get the same. */
async function moveHome(dataDirectory: string): Promise<string> {
  const home = join(SYSTEM_DIRECTORY, randomBytes(8).toString('hex'))
  await mkdir(SYSTEM_DIRECTORY, { recursive: true, mode: 0o755 })
  await mkdir(home, { mode: PASSABLE })
  const scratch = join(home, POINTER_FILE)
  await writeFile(scratch, `${home}\n`)
  try {
    await link(scratch, join(dataDirectory, POINTER_FILE))
    return home
  } catch (error) {
    const other = await movedHome(dataDirectory)
    if (other === undefined) throw error
    await rm(home, { recursive: true, force: true })
    return other
  } finally {
    await rm(scratch, { force: true })
  }
}

async function chooseHome(
  dataDirectory: string,
  log: BaseLogger,
): Promise<[string, DatabaseUser | undefined]> {
  const moved = await movedHome(dataDirectory)
  const home = moved ?? join(dataDirectory, HOME_NAME)
  const cluster = join(home, CLUSTER_NAME)
  const user = await chooseDatabaseUser(cluster)
  await mkdir(home, { recursive: true, mode: user ? PASSABLE : PRIVATE })
  if (!user || (await canReach(user, home))) return [home, user]
  if (moved !== undefined || (await exists(cluster))) {
    throw new DatabaseUnusableError(
      `The account that PostgreSQL runs under (user id ${user.uid}) cannot enter ${home}, where its data is. ` +
        'Give all directories above it the permission to pass ("chmod o+x").',
    )
  }
  const elsewhere = await moveHome(dataDirectory)
  log.warn(
    { directory: elsewhere },
    `The account that PostgreSQL runs under cannot reach ${dataDirectory}: its data is kept in ${elsewhere}`,
  )
  return [elsewhere, user]
}

/**
 * Finds or makes the places of the embedded database that belongs to a data directory. As root, where the
 * database's account cannot reach the checkout (a home directory of mode 0700), programs and data go below
 * `/var/lib/meridian`, which is logged.
 */
export async function placeDatabase(
  dataDirectory: string,
  log: BaseLogger,
): Promise<Placement & { major: number }> {
  await createDataDirectory(dataDirectory)
  const [home, user] = await chooseHome(dataDirectory, log)
  const binaries = await reachableBinaries(user, dataDirectory, log)
  return { binaries, home, cluster: join(home, CLUSTER_NAME), user, major: await majorVersionOf(binaries) }
}
