import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { stringify } from 'yaml'
import { loadConfig } from '../../homeserver/config/load-config.ts'
import { startServer } from '../../homeserver/context.ts'
import type { LiveSettings } from '../../homeserver/live/live-settings.ts'
import type { DatabaseAddress } from '../../storage/database.ts'
import { TestClient } from './test-client.ts'
import { createTestDatabase } from './test-database.ts'

/** What a test changes of a server's configuration. */
export interface TestServerOptions {
  readonly serverName?: string
  /** Further keys of the configuration file; they win. */
  readonly config?: Readonly<Record<string, unknown>>
  /** Other measures of live sockets. */
  readonly live?: Partial<LiveSettings>
  /** A database to use instead of a fresh one; it stays open. */
  readonly database?: DatabaseAddress
}

/** A whole server in this process, on a real database of its own and a port of the system's choice. */
export interface TestServer {
  readonly serverName: string
  readonly url: string
  readonly addresses: readonly string[]
  readonly mediaDirectory: string
  /** Registers an account and logs it in. */
  register(localpart: string, deviceId?: string): Promise<TestClient>
  /** A client without an account. */
  anonymous(): TestClient
  close(): Promise<void>
}

const GENEROUS = { per_second: 10_000, burst_count: 10_000 }

/** Configuration under which tests run: open, without limits, on loopback. */
export function testConfig(serverName: string, database: DatabaseAddress): Record<string, unknown> {
  return {
    server_name: serverName,
    enable_registration: true,
    enable_registration_without_verification: true,
    registration_shared_secret: 'shared secret of the tests',
    database: {
      args: { host: database.host, port: database.port, database: database.database, user: database.user },
    },
    listeners: [{ port: 0, bind_addresses: ['127.0.0.1'] }],
    ip_range_blacklist: [],
    rc_message: GENEROUS,
    rc_registration: GENEROUS,
    rc_interactive_sessions: GENEROUS,
    rc_login: { address: GENEROUS, account: GENEROUS, failed_attempts: GENEROUS },
    rc_joins: { local: GENEROUS, remote: GENEROUS },
    rc_joins_per_room: GENEROUS,
    rc_invites: { per_room: GENEROUS, per_user: GENEROUS, per_issuer: GENEROUS },
    rc_room_creation: GENEROUS,
    rc_profile: GENEROUS,
    rc_to_device: GENEROUS,
    rc_key_requests: GENEROUS,
    rc_server_key_queries: GENEROUS,
    rc_federation: { sleep_limit: 100_000, sleep_delay: 1, reject_limit: 100_000, concurrent: 100 },
  }
}

/** Starts one. */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const own = options.database ? undefined : await createTestDatabase()
  const directory = await mkdtemp(join(tmpdir(), 'meridian-server-'))
  const serverName = options.serverName ?? 'here.test'
  const file = join(directory, 'homeserver.yaml')
  const settings = { ...testConfig(serverName, (options.database ?? own?.address)!), ...options.config }
  await writeFile(file, stringify(settings))
  const config = await loadConfig({ file, dataDir: directory })
  const live = { ...config.live, ...options.live }
  const log = pino({ level: process.env['TEST_LOG'] ?? 'fatal' })
  const server = await startServer({ ...config, live }, log, new AbortController().signal)
  const url = server.addresses[0]!
  return {
    serverName,
    url,
    addresses: server.addresses,
    mediaDirectory: config.media.storePath,
    anonymous: () => new TestClient(url),
    register: async (localpart, deviceId) => {
      const client = new TestClient(url)
      await client.register(localpart, deviceId)
      return client
    },
    close: async () => {
      await server.close()
      await own?.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
