import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { readPostmasterFile, isPostgres } from '../../storage/embedded/postmaster-file.ts'
import { clusterOf } from '../../storage/embedded/placement.ts'

const POLL_MS = 20
export const CHECKOUT = join(import.meta.dirname, '..', '..')
export const FIXTURE = join('spec-tests', 'start-up', 'database-only-server.ts')

/** A server in a process of its own, with what it has printed so far. */
export interface ServerProcess {
  readonly child: ChildProcessWithoutNullStreams
  output(): string
  /** The URL that it prints once it serves. @throws Error with its output when it ends before. */
  ready(): Promise<string>
  /** Its exit code, or null when a signal has ended it. */
  readonly ended: Promise<number | null>
}

export interface SpawnOptions {
  readonly cwd?: string
  readonly uid?: number
  readonly gid?: number
}

const spawned = new Set<ChildProcessWithoutNullStreams>()

/** Ends those of this test's servers that still run, because it failed before it stopped them. */
async function endSpawned(): Promise<void> {
  for (const child of spawned) {
    const gone = new Promise<void>((resolve) => child.once('close', () => resolve()))
    child.kill('SIGKILL')
    await gone
  }
}

/** Runs a command that starts a server. */
export function spawnServer(
  command: string,
  args: readonly string[],
  options: SpawnOptions = {},
): ServerProcess {
  const child = spawn(command, args, { cwd: CHECKOUT, stdio: 'pipe', ...options })
  spawned.add(child)
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()))
  let over = false
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      over = true
      spawned.delete(child)
      resolve(code)
    })
  })
  const ready = async (): Promise<string> => {
    for (;;) {
      const url = /listening on (http:\S+)/.exec(text)?.[1]
      if (url) return url
      if (over) throw new Error(`The server ended before it served:\n${text}`)
      await delay(POLL_MS)
    }
  }
  return { child, output: () => text, ready, ended }
}

/** Starts the fixture's server on a data directory. */
export function startFixture(dataDir: string, options: SpawnOptions = {}): ServerProcess {
  return spawnServer(process.execPath, [FIXTURE, 'start', '--data', dataDir], options)
}

/** How many times the server's page has been asked for, this time included; kept in its database. */
export async function visit(url: string): Promise<number> {
  const body = (await (await fetch(url)).json()) as { n: number }
  return body.n
}

/** The running PostgreSQL of a data directory. */
export async function postmasterPid(dataDir: string): Promise<number | undefined> {
  const file = await readPostmasterFile(await clusterOf(dataDir))
  return file && (await isPostgres(file.pid)) ? file.pid : undefined
}

/** Waits until a condition holds; the test's own time limit ends the wait. */
export async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition())) await delay(POLL_MS)
}

/** Lets the account through that PostgreSQL runs under when we are root. */
const PASSABLE = 0o711

/** A directory that is gone, with the PostgreSQL in it, when the test is over. */
export async function scratchDirectory(mode = PASSABLE): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'meridian-start-'))
  await chmod(path, mode)
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      await endSpawned()
      const pid = await postmasterPid(join(path, 'data'))
      if (pid) {
        process.kill(pid, 'SIGQUIT')
        await until(async () => !(await isPostgres(pid)))
      }
      await rm(path, { recursive: true, force: true })
    },
  }
}
