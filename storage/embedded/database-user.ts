import { execFile, spawn } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { promisify } from 'node:util'
import { DatabaseUnusableError } from './database-unusable-error.ts'

/** The account that PostgreSQL runs under when that is not our own. */
export interface DatabaseUser {
  readonly uid: number
  readonly gid: number
}

const run = promisify(execFile)

/** An account of our own is best; PostgreSQL's own is the next; the name that we create is the first. */
const PREFERRED_ACCOUNTS = ['meridian', 'postgres']
const CREATED_ACCOUNT = 'meridian'
/** Exists everywhere, but other services may share it and could then reach the database. */
const LAST_RESORT_ACCOUNT = 'nobody'

async function account(name: string): Promise<DatabaseUser | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])])
    const user = { uid: Number(uid.stdout), gid: Number(gid.stdout) }
    return user.uid > 0 ? user : undefined
  } catch {
    return undefined
  }
}

async function createAccount(): Promise<void> {
  const options = ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin']
  await run('useradd', [...options, CREATED_ACCOUNT]).catch(() => undefined)
}

/**
 * The account for PostgreSQL, which refuses to run as root. An existing cluster keeps the owner that it has.
 *
 * @param clusterDirectory the cluster's directory, which need not exist yet.
 * @returns undefined when we are not root: PostgreSQL then runs as ourselves.
 */
export async function chooseDatabaseUser(clusterDirectory: string): Promise<DatabaseUser | undefined> {
  if (process.geteuid?.() !== 0) return undefined
  const owner = await stat(clusterDirectory).catch(() => undefined)
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid }
  for (const name of PREFERRED_ACCOUNTS) {
    const user = await account(name)
    if (user) return user
  }
  await createAccount()
  const user = (await account(CREATED_ACCOUNT)) ?? (await account(LAST_RESORT_ACCOUNT))
  if (user) return user
  throw new DatabaseUnusableError(
    'PostgreSQL does not run as root, and there is no account "meridian", "postgres" or "nobody" to run it ' +
      'under. Create one with "useradd --system meridian", or start Meridian as a plain user.',
  )
}

/** Whether that account can enter the directory and, when one is named, run a program. */
export function canReach(
  user: DatabaseUser | undefined,
  directory: string,
  program?: string,
): Promise<boolean> {
  const script = program ? 'cd -- "$1" && "$2" --version' : 'cd -- "$1"'
  return new Promise((resolve) => {
    const child = spawn('/bin/sh', ['-c', script, 'sh', directory, program ?? ''], {
      ...user,
      cwd: '/',
      stdio: 'ignore',
    })
    child.once('error', () => resolve(false))
    child.once('exit', (code) => resolve(code === 0))
  })
}
