import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { requireOrSkip } from './require-or-skip.ts'

const EXECUTABLE = '/usr/bin/redis-server'

/** Whether tests with a real Redis must be skipped, as `requireOrSkip` says. */
export function skipWithoutRedis(): boolean {
  return requireOrSkip('redis-server (apt-get install redis-server)', existsSync(EXECUTABLE))
}

/** A Redis of the test's own, on loopback, that keeps nothing on disk. */
export interface RedisServer {
  readonly port: number
  /** Starts it, empty, and waits until it takes connections. */
  start(): Promise<void>
  /** SIGKILL. */
  kill9(): Promise<void>
  close(): Promise<void>
}

/** Chooses a port. It does not run yet. */
export async function createRedisServer(): Promise<RedisServer> {
  const directory = await mkdtemp(join(tmpdir(), 'meridian-redis-'))
  const port = await freePort()
  let running: ChildProcess | undefined
  const end = async (): Promise<void> => {
    const ending = running
    running = undefined
    if (!ending) return
    const gone = once(ending, 'close')
    ending.kill('SIGKILL')
    await gone
  }
  return {
    port,
    start: async () => {
      const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', directory]
      running = spawn(EXECUTABLE, options, { stdio: ['ignore', 'pipe', 'inherit'] })
      let text = ''
      for await (const chunk of running.stdout!) {
        text += String(chunk)
        if (/ready to accept connections/i.test(text)) break
      }
    },
    kill9: end,
    close: async () => {
      await end()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
