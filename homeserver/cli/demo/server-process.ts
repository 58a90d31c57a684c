import { spawn } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'

const POLL_MS = 20
/** The end of what a server printed is where it says what went wrong. */
const OUTPUT_TAIL = 200_000

/** Which program to run, and on what. */
export interface ServerProcessOptions {
  /** The script of the command line. */
  readonly program: string
  readonly configFile: string
  readonly dataDir: string
}

/** A server in a process of its own. */
export interface ServerProcess {
  readonly pid: number
  /** The end of what it has printed and logged so far. */
  output(): string
  /** Its addresses, once it serves. @throws Error with its output when it ends before. */
  ready(): Promise<readonly string[]>
  signal(name: 'SIGTERM' | 'SIGKILL'): void
  /** Its exit status, or null when a signal has ended it. */
  readonly ended: Promise<number | null>
}

/** Starts a server; it is stopped with this process if it still runs then. */
export function startServerProcess(options: ServerProcessOptions): ServerProcess {
  const { program, configFile, dataDir } = options
  const child = spawn(process.execPath, [program, 'start', '--config', configFile, '--data', dataDir], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  // Not SIGKILL: the server takes its embedded database along.
  const stopAtExit = (): void => void child.kill('SIGTERM')
  process.once('exit', stopAtExit)
  let text = ''
  const keep = (chunk: Buffer): void => {
    text = (text + chunk.toString()).slice(-OUTPUT_TAIL)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  let over = false
  const ended = new Promise<number | null>((resolve) => {
    child.once('error', (error) => keep(Buffer.from(error.message)))
    child.once('close', (code) => {
      over = true
      process.off('exit', stopAtExit)
      resolve(code)
    })
  })
  return {
    pid: child.pid ?? 0,
    output: () => text,
    ready: async () => {
      // The line after the addresses says that all of them have been printed.
      while (!/Ctrl-C stops it/.test(text)) {
        if (over) throw new Error(`The server ended before it served:\n${text}`)
        await delay(POLL_MS)
      }
      return [...text.matchAll(/listening on (https?:\S+)/g)].map((match) => match[1]!)
    },
    signal: (name) => void child.kill(name),
    ended,
  }
}
