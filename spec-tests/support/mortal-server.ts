import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { startServerProcess } from '../../homeserver/cli/demo/server-process.ts'
import type { DatabaseAddress } from '../../storage/database.ts'
import { testConfig } from './test-server.ts'

const PROGRAM = join(import.meta.dirname, '..', '..', 'homeserver', 'main.ts')

/** A server in a process of its own, on a database that outlives it. */
export interface MortalServer {
  readonly url: string
  /** SIGKILL, and not before it is dead does the promise end. */
  kill9(): Promise<void>
  /** Stops it as an administrator does, if it still runs. */
  close(): Promise<void>
}

/** Starts one. */
export async function startMortalServer(
  database: DatabaseAddress,
  config: Readonly<Record<string, unknown>> = {},
): Promise<MortalServer> {
  const directory = await mkdtemp(join(tmpdir(), 'meridian-mortal-'))
  const configFile = join(directory, 'homeserver.yaml')
  await writeFile(
    configFile,
    stringify({ ...testConfig('here.test', database), log_level: 'error', ...config }),
  )
  const process = startServerProcess({ program: PROGRAM, configFile, dataDir: directory })
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    process.signal(signal)
    await process.ended
    await rm(directory, { recursive: true, force: true })
  }
  const [url] = await process.ready()
  return { url: url!, kill9: () => end('SIGKILL'), close: () => end('SIGTERM') }
}
