import { spawn, type ChildProcess } from 'node:child_process'
import { constants } from 'node:fs'
import { open, readFile, rename, stat, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { DatabaseUnusableError } from './database-unusable-error.ts'
import type { Placement } from './placement.ts'
import { isPostgres } from './postmaster-file.ts'
import { SOCKET_PORT } from './socket-directory.ts'

const LOG_NAME = 'postgresql.log'
/** Some months of starts and stops; the one before it is kept as `postgresql.log.1`. */
const LOG_MAX_BYTES = 10 * 1024 * 1024
/** What the log said last, for an error message. */
const LOG_TAIL = 1500
const LOG_MODE = 0o600
/** A fast shutdown writes what is in memory; a slow disk may need this long. Then recovery does it at the next start. */
const FAST_STOP_MS = 30_000
const IMMEDIATE_STOP_MS = 5_000
const POLL_MS = 10

/** A PostgreSQL that this process has started. */
export interface Postmaster {
  readonly pid: number
  /** Resolves when it has ended, for whatever reason. */
  readonly ended: Promise<void>
  hasEnded(): boolean
  /** For the end of our own process, when there is no time to wait: the immediate shutdown, safe by recovery. */
  kill(): void
}

async function openLog(home: string): Promise<FileHandle> {
  const path = join(home, LOG_NAME)
  const size = await stat(path).then(
    (file) => file.size,
    () => 0,
  )
  if (size > LOG_MAX_BYTES) await rename(path, `${path}.1`)
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW
  return open(path, flags, LOG_MODE)
}

/** The end of PostgreSQL's log, which says why it did not start. */
export async function logTail(home: string): Promise<string> {
  const text = await readFile(join(home, LOG_NAME), 'utf8').catch(() => '')
  return text.slice(-LOG_TAIL).trim()
}

/**
 * Starts PostgreSQL in a process group of its own, so that Ctrl-C in a terminal reaches us alone and the server
 * can drain before its database goes. Resolves when the process runs, not yet when it serves.
 */
export async function spawnPostmaster(placement: Placement, socketDirectory: string): Promise<Postmaster> {
  const fixed = {
    listen_addresses: '',
    unix_socket_directories: socketDirectory,
    unix_socket_permissions: '0700',
    port: String(SOCKET_PORT),
    logging_collector: 'off',
  }
  const options = ['-D', placement.cluster]
  for (const [name, value] of Object.entries(fixed)) options.push('-c', `${name}=${value}`)
  const log = await openLog(placement.home)
  const child: ChildProcess = spawn(placement.binaries.postgres, options, {
    ...placement.user,
    cwd: '/',
    detached: true,
    env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' },
    stdio: ['ignore', log.fd, log.fd],
  })
  await log.close()
  let over = false
  const ended = new Promise<void>((resolve) => {
    const end = (): void => {
      over = true
      resolve()
    }
    child.once('exit', end)
    child.once('error', end)
  })
  const { pid } = child
  if (pid === undefined)
    throw new DatabaseUnusableError(`${placement.binaries.postgres} could not be started.`)
  child.unref()
  return {
    pid,
    ended,
    hasEnded: () => over,
    kill: () => {
      if (!over) signalPostmaster(pid, 'SIGQUIT')
    },
  }
}

async function waitForEnd(pid: number, milliseconds: number): Promise<boolean> {
  const deadline = performance.now() + milliseconds
  while (performance.now() < deadline) {
    if (!(await isPostgres(pid))) return true
    await delay(POLL_MS)
  }
  return false
}

/** Signals PostgreSQL, whoever started it; one that is gone already is no error. */
export function signalPostmaster(pid: number, signal: 'SIGINT' | 'SIGQUIT'): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/**
 * Ends PostgreSQL: by its fast shutdown, and by the immediate one (safe, with recovery at the next start) if that
 * takes too long.
 *
 * @throws DatabaseUnusableError when it survives both.
 */
export async function stopPostmaster(pid: number): Promise<void> {
  signalPostmaster(pid, 'SIGINT')
  if (await waitForEnd(pid, FAST_STOP_MS)) return
  signalPostmaster(pid, 'SIGQUIT')
  if (await waitForEnd(pid, IMMEDIATE_STOP_MS)) return
  throw new DatabaseUnusableError(
    `PostgreSQL (process ${pid}) does not stop. End it with "kill -QUIT ${pid}".`,
  )
}
