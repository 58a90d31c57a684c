import { join } from 'node:path'
import type { CertificatePaths } from '../../homeserver/cli/certificate-files.ts'

/** What the configuration of a Synapse for tests says beyond what all of them do. */
export interface SynapseConfigOptions {
  readonly serverName: string
  readonly clientPort: number
  readonly federationPort: number
  readonly directory: string
  readonly authorityPath: string
  readonly certificate: CertificatePaths
}

const UNLIMITED = { per_second: 1_000_000, burst_count: 1_000_000 }

/** Seconds instead of minutes, as our own side of the tests has them. */
const FEDERATION = {
  client_timeout: '15s',
  max_short_retries: 1,
  max_short_retry_delay: '1s',
  destination_min_retry_interval: '1s',
  destination_max_retry_interval: '2s',
  destination_retry_multiplier: 1,
}

/** Clients in the clear, other servers by TLS, no limits and nobody outside to ask; JSON is YAML to Synapse. */
export function synapseConfig(options: SynapseConfigOptions): string {
  const { directory } = options
  const on = (port: number, resource: string, tls: boolean): object => ({
    port,
    tls,
    type: 'http',
    bind_addresses: ['127.0.0.1'],
    resources: [{ names: [resource], compress: false }],
  })
  return JSON.stringify({
    server_name: options.serverName,
    public_baseurl: `http://127.0.0.1:${options.clientPort}/`,
    listeners: [on(options.clientPort, 'client', false), on(options.federationPort, 'federation', true)],
    tls_certificate_path: options.certificate.certificate,
    tls_private_key_path: options.certificate.privateKey,
    federation_custom_ca_list: [options.authorityPath],
    database: { name: 'sqlite3', args: { database: join(directory, 'synapse.db') } },
    log_config: join(directory, 'log.yaml'),
    media_store_path: join(directory, 'media'),
    pid_file: join(directory, 'synapse.pid'),
    signing_key_path: join(directory, 'signing.key'),
    macaroon_secret_key: 'macaroon secret of the tests',
    form_secret: 'form secret of the tests',
    report_stats: false,
    enable_registration: true,
    enable_registration_without_verification: true,
    bcrypt_rounds: 4,
    trusted_key_servers: [],
    ip_range_blacklist: [],
    presence: { enabled: false },
    federation: FEDERATION,
    rc_message: UNLIMITED,
    rc_registration: UNLIMITED,
    rc_login: { address: UNLIMITED, account: UNLIMITED, failed_attempts: UNLIMITED },
    rc_joins: { local: UNLIMITED, remote: UNLIMITED },
    rc_joins_per_room: UNLIMITED,
    rc_room_creation: UNLIMITED,
    rc_invites: { per_room: UNLIMITED, per_user: UNLIMITED, per_issuer: UNLIMITED },
    rc_federation: {
      window_size: 1000,
      sleep_limit: 100_000,
      sleep_delay: 1,
      reject_limit: 1_000_000,
      concurrent: 100,
    },
    federation_rr_transactions_per_room_per_second: 1_000_000,
  })
}

/** Python's logging configuration: everything of this level to the standard error. */
export function synapseLogConfig(level: string): string {
  return JSON.stringify({
    version: 1,
    formatters: { line: { format: '%(asctime)s %(name)s %(levelname)s %(message)s' } },
    handlers: { console: { class: 'logging.StreamHandler', formatter: 'line' } },
    root: { level, handlers: ['console'] },
    disable_existing_loggers: false,
  })
}
