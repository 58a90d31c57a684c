import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { CertificateWithKey } from '../../certificates/create-authority.ts'
import { issueCertificate } from '../../certificates/issue-certificate.ts'
import { certificatePaths, writeCertificate } from '../certificate-files.ts'
import { startServerProcess, type ServerProcess } from './server-process.ts'

const CERTIFICATE_DAYS = 7
/** Passable, because root's PostgreSQL runs under another account. */
const PASSABLE = 0o711
/** Milliseconds; a peer that comes back is tried at once instead of after minutes. */
const RETRY = { destination_min_retry_interval: 200, destination_max_retry_interval: 1000 }
/** The demo talks faster than people do. */
const UNLIMITED = { per_second: 1000, burst_count: 1000 }

/** Where a region of the demo listens, on loopback. */
export interface RegionPlace {
  readonly serverName: string
  readonly clientPort: number
  readonly federationPort: number
}

/** What the regions of one demo share. */
export interface DemoFederation {
  readonly directory: string
  readonly authority: CertificateWithKey
  readonly authorityPath: string
  readonly places: readonly RegionPlace[]
  /** The script of the command line. */
  readonly program: string
}

/** One of the demo's servers. */
export interface DemoRegion {
  readonly serverName: string
  readonly url: string
  readonly federationUrl: string
  /** @throws Error when it does not start, or has been stopped. */
  start(): Promise<void>
  /** Stops it for good. */
  stop(): Promise<void>
  /** SIGKILL: no time to say goodbye. */
  kill(): Promise<void>
}

/** Writes a region's certificate and configuration; it does not run yet. */
export async function prepareRegion(federation: DemoFederation, place: RegionPlace): Promise<DemoRegion> {
  const { serverName, clientPort, federationPort } = place
  const directory = join(federation.directory, serverName)
  await mkdir(directory, { mode: PASSABLE })
  const certificate = certificatePaths(join(directory, 'tls'), serverName)
  await writeCertificate(
    certificate,
    await issueCertificate(federation.authority, [serverName], CERTIFICATE_DAYS),
  )
  const configFile = join(directory, 'homeserver.yaml')
  const peers = federation.places.filter((peer) => peer !== place)
  const config = {
    server_name: serverName,
    enable_registration: true,
    enable_registration_without_verification: true,
    listeners: [
      { port: clientPort, bind_addresses: ['127.0.0.1'], resources: [{ names: ['client'] }] },
      {
        port: federationPort,
        tls: true,
        bind_addresses: ['127.0.0.1'],
        resources: [{ names: ['federation'] }],
      },
    ],
    tls_certificate_path: certificate.certificate,
    tls_private_key_path: certificate.privateKey,
    federation_custom_ca_list: [federation.authorityPath],
    federation_static_peers: Object.fromEntries(
      peers.map((peer) => [peer.serverName, `127.0.0.1:${peer.federationPort}`]),
    ),
    federation: RETRY,
    rc_message: UNLIMITED,
    log_level: 'error',
  }
  await writeFile(configFile, stringify(config))
  let running: ServerProcess | undefined
  let stopped = false
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    const ending = running
    running = undefined
    ending?.signal(signal)
    await ending?.ended
  }
  return {
    serverName,
    url: `http://127.0.0.1:${clientPort}`,
    federationUrl: `https://127.0.0.1:${federationPort}`,
    start: async () => {
      if (stopped) throw new Error(`${serverName} has been stopped.`)
      running = startServerProcess({
        program: federation.program,
        configFile,
        dataDir: join(directory, 'data'),
      })
      await running.ready()
    },
    stop: () => {
      stopped = true
      return end('SIGTERM')
    },
    kill: () => end('SIGKILL'),
  }
}
