import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { certificatePaths, writeCertificate } from '../../homeserver/cli/certificate-files.ts'
import { startServerProcess, type ServerProcess } from '../../homeserver/cli/demo/server-process.ts'
import type { DatabaseAddress } from '../../storage/database.ts'
import { createDataDirectory } from '../../storage/embedded/placement.ts'
import { runningEmbeddedDatabase } from '../../storage/embedded/provide-database.ts'
import { killEmbeddedDatabase } from './embedded-database.ts'
import { openLink, type Link } from './link.ts'
import type { PrivateAuthority } from './private-authority.ts'
import { regionConfig } from './region-config.ts'

const PROGRAM = join(import.meta.dirname, '..', '..', 'homeserver', 'main.ts')

/** How to make a region. */
export interface RegionOptions {
  readonly serverName: string
  readonly authority: PrivateAuthority
  /** A directory of its own. */
  readonly directory: string
  /** Undefined is the embedded database, which is durable. */
  readonly database?: DatabaseAddress | undefined
  /** Ports on loopback by server name. */
  readonly peers: ReadonlyMap<string, number>
  /** Where other servers reach this one, by one way or by several. */
  readonly federationLinks: readonly Link[]
  /** Further keys of the configuration file; they win. */
  readonly settings?: Readonly<Record<string, unknown>> | undefined
}

/** A homeserver in a process of its own, with a database of its own. */
export interface Region {
  readonly serverName: string
  /** Where clients reach it, the same after every restart. */
  readonly url: string
  /** Where its media is by default. */
  readonly mediaDirectory: string
  /** Where its data is while it runs. */
  database(): Promise<DatabaseAddress>
  start(): Promise<void>
  /** Stops it as an administrator does. @throws Error when it does not end well. */
  stop(): Promise<void>
  /** SIGKILL of the server, and of its PostgreSQL if that is its own. */
  kill9(): Promise<void>
  /** The process while it runs. */
  pid(): number | undefined
  /** What it has logged since its last start. */
  output(): string
  close(): Promise<void>
}

/** Makes a region, which does not run yet. */
export async function createRegion(options: RegionOptions): Promise<Region> {
  const { serverName, directory, federationLinks } = options
  const clientLink = await openLink()
  const certificate = certificatePaths(join(directory, 'tls'), serverName)
  await writeCertificate(certificate, await options.authority.issue(serverName))
  const configFile = join(directory, 'homeserver.yaml')
  const dataDir = join(directory, 'data')
  await createDataDirectory(directory)
  const config = regionConfig({
    serverName,
    database: options.database,
    authorityPath: options.authority.path,
    certificate,
    peers: options.peers,
    settings: options.settings,
  })
  await writeFile(configFile, stringify(config))
  let running: ServerProcess | undefined
  let output = ''

  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> => {
    if (!running) throw new Error(`${serverName} does not run`)
    const ending = running
    running = undefined
    ending.signal(signal)
    const status = await ending.ended
    clientLink.leadTo(undefined)
    for (const link of federationLinks) link.leadTo(undefined)
    output = ending.output()
    return status
  }
  return {
    serverName,
    url: `http://127.0.0.1:${clientLink.port}`,
    mediaDirectory: join(dataDir, 'media'),
    database: async () => {
      const address = options.database ?? (await runningEmbeddedDatabase(dataDir))
      if (!address) throw new Error(`The database of ${serverName} does not run`)
      return address
    },
    start: async () => {
      running = startServerProcess({ program: PROGRAM, configFile, dataDir })
      const [client, federation] = (await running.ready()).map((address) => Number(new URL(address).port))
      clientLink.leadTo(client)
      for (const link of federationLinks) link.leadTo(federation)
    },
    stop: async () => {
      const status = await end('SIGTERM')
      if (status !== 0) throw new Error(`${serverName} ended with ${status}:\n${output}`)
    },
    kill9: async () => {
      await end('SIGKILL')
      if (!options.database) await killEmbeddedDatabase(dataDir)
    },
    pid: () => running?.pid,
    output: () => running?.output() ?? output,
    close: async () => {
      if (running) await end('SIGTERM')
      await clientLink.close()
    },
  }
}
