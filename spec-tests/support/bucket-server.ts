import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { eventually } from './eventually.ts'

const PROGRAM = join(import.meta.dirname, '..', '..', 'node_modules', 's3rver', 'bin', 's3rver.js')

/** An S3-compatible store in a process of its own, with one bucket, `media`. */
export interface BucketServer {
  /** The keys of `media_storage_providers` that lead to it. */
  readonly provider: Readonly<Record<string, unknown>>
  start(): Promise<void>
  /** SIGKILL. */
  stop(): Promise<void>
}

/** @param directory where the objects lie. */
export async function bucketServer(directory: string): Promise<BucketServer> {
  const port = await freePort()
  let running: ChildProcess | undefined
  return {
    provider: {
      module: 's3_storage_provider.S3StorageProviderBackend',
      config: {
        bucket: 'media',
        endpoint_url: `http://127.0.0.1:${port}`,
        access_key_id: 'S3RVER',
        secret_access_key: 'S3RVER',
        prefix: 'here/',
      },
    },
    async start() {
      const options = ['-d', directory, '-a', '127.0.0.1', '-p', String(port), '--configure-bucket', 'media']
      running = spawn(process.execPath, [PROGRAM, ...options], { stdio: 'ignore' })
      await eventually('the bucket', () =>
        fetch(`http://127.0.0.1:${port}/`).then(
          () => true,
          () => false,
        ),
      )
    },
    async stop() {
      if (!running) return
      const ended = once(running, 'exit')
      running.kill('SIGKILL')
      running = undefined
      await ended
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
