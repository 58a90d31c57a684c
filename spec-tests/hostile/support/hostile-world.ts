import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { stringify } from 'yaml'
import { privateNetwork, type PrivateNetwork } from '../../../federation/test-support/private-network.ts'
import { scriptedPeer, type ScriptedPeer } from '../../../federation/test-support/scripted-peer.ts'
import { loadConfig } from '../../../homeserver/config/load-config.ts'
import { startServer } from '../../../homeserver/context.ts'
import { openDatabase, type Database } from '../../../storage/database.ts'
import { TestClient } from '../../support/test-client.ts'
import { createTestDatabase } from '../../support/test-database.ts'
import { testConfig } from '../../support/test-server.ts'
import { recordRoutes, type DeclaredEndpoint } from './declared-routes.ts'
import type { SignedTarget } from './signed-request.ts'

export const HERE = 'here.test'
export const THERE = 'there.test'

/** A whole server with all its routes, and a server beside it that says what tests have it say. */
export interface HostileWorld {
  /** Client API, over plain HTTP. */
  readonly url: string
  readonly peer: ScriptedPeer
  /** Federation, over TLS. */
  readonly federation: SignedTarget
  /** Every endpoint that the server has declared, client API and federation. */
  readonly endpoints: readonly DeclaredEndpoint[]
  /** What the server has logged as a failure of its own since it was asked last: no request may cause any. */
  takeFailures(): string[]
  /** A connection of the test's own to the server's database. */
  readonly database: Database
  register(localpart: string): Promise<TestClient>
  close(): Promise<void>
}

/**
 * Starts both.
 *
 * @param settings further keys of the configuration file; they win.
 * @param between what stands in the way of the server's requests to the peer; it gives its port.
 */
export async function hostileWorld(
  settings: Readonly<Record<string, unknown>> = {},
  between?: (network: PrivateNetwork, peerPort: number) => Promise<number>,
): Promise<HostileWorld> {
  const network = await privateNetwork()
  const peer = await scriptedPeer(network, THERE, HERE)
  const peerPort = (await between?.(network, peer.server.port)) ?? peer.server.port
  const testDatabase = await createTestDatabase()
  const directory = await mkdtemp(join(tmpdir(), 'meridian-hostile-'))
  const { certificate, privateKey } = await network.issue(HERE)
  const file = join(directory, 'homeserver.yaml')
  await Promise.all([
    writeFile(join(directory, 'tls.crt'), certificate),
    writeFile(join(directory, 'tls.key'), privateKey),
    writeFile(
      file,
      stringify({
        ...testConfig(HERE, testDatabase.address),
        listeners: [
          { port: 0, bind_addresses: ['127.0.0.1'] },
          { port: 0, bind_addresses: ['127.0.0.1'], tls: true, resources: [{ names: ['federation'] }] },
        ],
        tls_certificate_path: 'tls.crt',
        tls_private_key_path: 'tls.key',
        federation_custom_ca_list: [network.caPath],
        federation_static_peers: { [THERE]: `127.0.0.1:${peerPort}` },
        federation_domain_whitelist: [HERE, THERE],
        trusted_key_servers: [],
        rc_registration_token_validity: { per_second: 10_000, burst_count: 10_000 },
        ...settings,
      }),
    ),
  ])
  const failures: string[] = []
  const log = pino({ level: 'warn' }, { write: (line: string) => keepFailure(failures, line) })
  const config = await loadConfig({ file, dataDir: directory })
  const { result: server, endpoints } = await recordRoutes(() =>
    startServer(config, log, new AbortController().signal),
  )
  const [plain, encrypted] = server.addresses
  const port = Number(new URL(encrypted!).port)
  network.addresses.set(HERE, ['127.0.0.1'])
  network.services.set(`_matrix-fed._tcp.${HERE}`, [{ name: HERE, port, priority: 0, weight: 0 }])
  const database = openDatabase(testDatabase.address)
  return {
    url: plain!,
    peer,
    federation: { serverName: HERE, port, caPath: network.caPath },
    endpoints,
    takeFailures: () => failures.splice(0),
    database,
    register: async (localpart) => {
      const client = new TestClient(plain!)
      await client.register(localpart)
      return client
    },
    async close() {
      await server.close()
      await peer.server.close()
      await database.close()
      await testDatabase.close()
      await network.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/**
 * Warnings count too, as that an event could not be received. Slow answers of a busy machine do not, nor that another
 * server does not give what its events lean on.
 */
function keepFailure(failures: string[], line: string): void {
  if (!/"msg":"answered"|cannot be had yet/.test(line)) failures.push(line)
}
