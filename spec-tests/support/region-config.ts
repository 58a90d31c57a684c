import type { DatabaseAddress } from '../../storage/database.ts'
import { testConfig } from './test-server.ts'

/** What the configuration file of a region says beyond what every test server's does. */
export interface RegionConfigOptions {
  readonly serverName: string
  /** Undefined is the embedded database. */
  readonly database: DatabaseAddress | undefined
  readonly authorityPath: string
  readonly certificate: { readonly certificate: string; readonly privateKey: string }
  /** Ports on loopback by server name. */
  readonly peers: ReadonlyMap<string, number>
  /** Further keys of the configuration file; they win. */
  readonly settings?: Readonly<Record<string, unknown>> | undefined
}

/** Milliseconds. Seconds instead of minutes: the tests wait for the healing of what they break. */
const FEDERATION = {
  client_timeout: 15_000,
  max_short_retries: 1,
  destination_min_retry_interval: 250,
  destination_max_retry_interval: 2_000,
}

/** Clients on one port and, with TLS, other servers on another; both are of the system's choice. */
export function regionConfig(options: RegionConfigOptions): Record<string, unknown> {
  const { database, ...rest } = testConfig(options.serverName, options.database ?? {})
  const peers = [...options.peers].map(([name, port]) => [name, `127.0.0.1:${port}`])
  return {
    ...rest,
    ...(options.database && { database }),
    listeners: [
      { port: 0, bind_addresses: ['127.0.0.1'], resources: [{ names: ['client'] }] },
      { port: 0, tls: true, bind_addresses: ['127.0.0.1'], resources: [{ names: ['federation', 'keys'] }] },
    ],
    tls_certificate_path: options.certificate.certificate,
    tls_private_key_path: options.certificate.privateKey,
    federation_custom_ca_list: [options.authorityPath],
    federation_static_peers: Object.fromEntries(peers),
    federation: FEDERATION,
    presence: { enabled: false },
    log_level: process.env['REGION_LOG'] ?? 'warn',
    ...options.settings,
  }
}
