import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { PORT } from './contestant.ts'

/** Python and a first migration on a busy machine. */
const START_LIMIT_MS = 120_000
const START_POLL_MS = 200

/** What a server may take to finish what it does once it is told to stop. */
const STOP_LIMIT_MS = 30_000

/** The end of what the server wrote, for the message when it does not start. */
const OUTPUT_KEPT = 4000

export const URL_OF_SERVER = `http://127.0.0.1:${PORT}`

export interface RunningServer {
  pid: number
  stop(): Promise<void>
}

/**
 * Starts a server and waits until it answers.
 * @throws Error when its port is taken, or it ends or stays silent instead
 */
export async function startServer(command: readonly string[], directory: string): Promise<RunningServer> {
  if (await answers()) throw new Error(`port ${PORT} is already served`)
  const [program = '', ...parameters] = command
  const child = spawn(program, parameters, { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-OUTPUT_KEPT)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const ended = once(child, 'close')
  ended.catch(() => undefined)

  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    const force = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS)
    await ended
    clearTimeout(force)
  }
  const deadline = performance.now() + START_LIMIT_MS
  while (!(await answers())) {
    const over = child.exitCode !== null || child.pid === undefined
    if (over || performance.now() > deadline) {
      if (!over) await stop()
      throw new Error(`${program} does not serve:\n${output}`)
    }
    await sleep(START_POLL_MS)
  }
  if (child.pid === undefined) throw new Error(`${program} has no process`)
  return { pid: child.pid, stop }
}

async function answers(): Promise<boolean> {
  const response = await fetch(`${URL_OF_SERVER}/_matrix/client/versions`).catch(() => undefined)
  await response?.body?.cancel()
  return response?.status === 200
}
