import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatabaseAddress } from '../../storage/database.ts'
import { StatementCounter } from './statement-counter.ts'

const DEFAULT_PORT = 5432

/** A way to the database that a test can cut, and that knows how much went through it. */
export interface DatabaseProxy {
  readonly address: DatabaseAddress
  /** Statements that clients have sent since it was opened. */
  statements(): number
  /** Cuts every connection and refuses new ones until `heal`. */
  cut(): void
  heal(): void
  /**
   * Cuts a connection once, as its client sends `text`. With `deliver` the database still receives it, so that the
   * work is done and only the answer is lost.
   */
  cutWhenSent(text: string, options: { deliver: boolean }): Promise<void>
  close(): Promise<void>
}

interface Trap {
  readonly text: string
  readonly deliver: boolean
  readonly sprung: () => void
}

/** Opens a proxy on a socket of its own in front of a database that is reached by a socket. */
export async function openDatabaseProxy(target: DatabaseAddress): Promise<DatabaseProxy> {
  const directory = await mkdtemp(join(tmpdir(), 'mrd-proxy-'))
  const socketOf = (host: string, port: number): string => join(host, `.s.PGSQL.${port}`)
  const sockets = new Set<Socket>()
  const counters: StatementCounter[] = []
  let open = true
  let trap: Trap | undefined

  const server = createServer((client) => {
    if (!open) return void client.destroy()
    const upstream = connect(socketOf(target.host ?? '', target.port ?? DEFAULT_PORT))
    const counter = new StatementCounter()
    counters.push(counter)
    const end = (): void => {
      client.destroy()
      upstream.destroy()
    }
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', end)
      socket.on('close', () => {
        sockets.delete(socket)
        end()
      })
    }
    upstream.on('data', (bytes: Buffer) => client.write(bytes))
    client.on('data', (bytes: Buffer) => {
      counter.read(bytes)
      if (!trap || !bytes.includes(trap.text)) return void upstream.write(bytes)
      const { deliver, sprung } = trap
      trap = undefined
      // PostgreSQL reads what was delivered before it sees that nobody listens any more.
      if (deliver) upstream.write(bytes, end)
      else end()
      sprung()
    })
  })
  await new Promise<void>((resolve) => server.listen(socketOf(directory, DEFAULT_PORT), resolve))
  return {
    address: { ...target, host: directory, port: DEFAULT_PORT },
    statements: () => counters.reduce((sum, { count }) => sum + count, 0),
    cut: () => {
      open = false
      for (const socket of sockets) socket.destroy()
    },
    heal: () => {
      open = true
    },
    cutWhenSent: (text, { deliver }) =>
      new Promise((resolve) => {
        trap = { text, deliver, sprung: resolve }
      }),
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
      await rm(directory, { recursive: true, force: true })
    },
  }
}
