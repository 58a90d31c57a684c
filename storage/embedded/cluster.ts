import { spawn } from 'node:child_process'
import { chown, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { totalmem } from 'node:os'
import { join } from 'node:path'
import { DatabaseUnusableError } from './database-unusable-error.ts'
import type { Placement } from './placement.ts'

/** The superuser of the cluster. Who reaches the socket is the administrator: its directory has mode 0700. */
export const SUPERUSER = 'meridian'
/** The end of what a failing program printed is where it says why. */
const OUTPUT_TAIL = 2000
const MEBIBYTE = 1024 * 1024
/** An eighth of the memory: the server itself and the page cache share the machine with PostgreSQL. */
const SHARED_BUFFERS_FRACTION = 8
const SHARED_BUFFERS_MIN_MB = 64
const SHARED_BUFFERS_MAX_MB = 1024

function settings(durable: boolean): Record<string, string> {
  const eighth = Math.floor(totalmem() / SHARED_BUFFERS_FRACTION / MEBIBYTE)
  const buffers = Math.min(Math.max(eighth, SHARED_BUFFERS_MIN_MB), SHARED_BUFFERS_MAX_MB)
  const switched = durable ? 'on' : 'off'
  return {
    fsync: switched,
    full_page_writes: switched,
    synchronous_commit: switched,
    shared_buffers: `${durable ? buffers : SHARED_BUFFERS_MIN_MB}MB`,
    max_connections: '200',
    jit: 'off',
    // Errors quote values, and values are people's messages: only the server's own life is logged.
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    log_checkpoints: 'off',
  }
}

function runInitdb(
  placement: Placement,
  directory: string,
  durable: boolean,
  signal?: AbortSignal,
): Promise<void> {
  const options = [
    '--pgdata',
    directory,
    '--username',
    SUPERUSER,
    '--auth-local',
    'trust',
    '--auth-host',
    'reject',
  ]
  options.push('--encoding', 'UTF8', '--locale', 'C', '--no-instructions')
  if (!durable) options.push('--no-sync')
  for (const [name, value] of Object.entries(settings(durable))) options.push('--set', `${name}=${value}`)
  return new Promise((resolve, reject) => {
    const child = spawn(placement.binaries.initdb, options, {
      ...placement.user,
      cwd: '/',
      detached: true,
      env: { PATH: process.env['PATH'], LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-OUTPUT_TAIL)
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    const abort = (): void => void child.kill('SIGTERM')
    signal?.addEventListener('abort', abort, { once: true })
    child.once('error', reject)
    child.once('close', (code) => {
      signal?.removeEventListener('abort', abort)
      if (code === 0) resolve()
      else if (signal?.aborted) reject(new DatabaseUnusableError('The start was interrupted.'))
      else
        reject(new DatabaseUnusableError(`initdb could not create the embedded database:\n${output.trim()}`))
    })
  })
}

/** The major version that wrote the cluster; undefined when there is no cluster yet. */
async function clusterVersion(cluster: string): Promise<number | undefined> {
  const text = await readFile(join(cluster, 'PG_VERSION'), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : Number(text.trim())
}

/**
 * Makes sure that the cluster exists and that our PostgreSQL can read it. A new one appears by a rename of the
 * finished whole, so that neither a crash nor a second start at the same moment leaves half of one.
 *
 * @throws DatabaseUnusableError for another major version's data, and when initdb fails.
 */
export async function ensureCluster(
  placement: Placement & { major: number },
  durable: boolean,
  signal?: AbortSignal,
): Promise<void> {
  const version = await clusterVersion(placement.cluster)
  if (version === placement.major) return
  if (version !== undefined) {
    throw new DatabaseUnusableError(
      `The database in ${placement.cluster} was written by PostgreSQL ${version}, and this Meridian brings ` +
        `PostgreSQL ${placement.major}, which cannot read it. Either go back to the Meridian that brings ` +
        `PostgreSQL ${version}, or move the data: install PostgreSQL ${version}'s programs, start them on that ` +
        'directory, write a dump with pg_dump, move the directory away, start Meridian once, stop it and ' +
        'restore the dump.',
    )
  }
  const scratch = await mkdtemp(join(placement.home, 'initdb-'))
  try {
    if (placement.user) await chown(scratch, placement.user.uid, placement.user.gid)
    await runInitdb(placement, scratch, durable, signal)
    await rename(scratch, placement.cluster).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
    })
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}
