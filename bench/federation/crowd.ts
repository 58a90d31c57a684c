import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { createFederation } from '../../federation/client/create-federation.ts'
import type { Dial } from '../../federation/client/transport/dial.ts'
import { createOwnKeys } from '../../federation/keys/own-keys.ts'
import { FederationSender } from '../../federation/outbound/federation-sender.ts'
import { crowdedRoom, type CrowdedRoom } from '../../federation/test-support/crowded-room.ts'
import { miniFederationConfig } from '../../federation/test-support/mini-server.ts'
import { privateNetwork, type PrivateNetwork } from '../../federation/test-support/private-network.ts'
import { message, openReplica, sendOn, type Replica } from '../../homeserver/rooms/replication.fixture.ts'
import { createSeed, createSigningKey } from '../../protocol/crypto/ed25519.ts'
import { startTestCluster } from '../../spec-tests/support/test-cluster.ts'
import { createDatabase, dropDatabase, inDatabase } from '../../storage/embedded/databases.ts'
import type { CrowdCertificate, CrowdReport } from './crowd-servers.ts'

/** The rooms that the issue names. */
const SERVERS = 1_000
/** A certificate of more names is larger than a handshake should be. */
const NAMES_PER_CERTIFICATE = 50
const MESSAGES = 20
const DATABASE = 'crowd'
const TIMEOUT_MS = 5_000
const POLL_MS = 5
const DAY_MS = 86_400_000
const LOG = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** Connections that were tried, by whether anybody answers there. */
interface Dials {
  alive: number
  silent: number
}

/** Says something in a room on 1,000 servers: all of them there, then half of them silent. */
await using closing = new AsyncDisposableStack()
const cluster = await startTestCluster()
closing.defer(() => cluster.stop())
await createDatabase(cluster.address, DATABASE, cluster.template)
const here = await openReplica('here.test', {
  address: inDatabase(cluster.address, DATABASE),
  close: () => dropDatabase(cluster.address, DATABASE),
})
closing.defer(() => here.rooms.close())
const network = await privateNetwork()
closing.defer(() => network.close())
const room = await crowdedRoom(here, SERVERS)
const servers = fork(join(import.meta.dirname, 'crowd-servers.ts'))
closing.defer(() => void servers.kill())
const ports = (await ask(servers, await certificatesOf(room, network))) as { alive: number; silent: number }

console.log(
  '| servers | message | connections tried, alive | silent | CPU of the sender, ms | committed, ms | everywhere that is alive, ms |',
)
console.log('|---|---|--:|--:|--:|--:|--:|')
await measure('all there', new Set())
await measure('half silent', new Set(room.servers.filter((_, index) => index % 2 === 0)))

async function measure(title: string, silent: ReadonlySet<string>): Promise<void> {
  const dials: Dials = { alive: 0, silent: 0 }
  const counted =
    (dial: Dial): Dial =>
    (server) => {
      dials[silent.has(server.hostHeader) ? 'silent' : 'alive'] += 1
      return dial(server)
    }
  const address = (name: string): string => `127.0.0.1:${silent.has(name) ? ports.silent : ports.alive}`
  const { services } = here.rooms
  const federation = await createFederation({
    config: {
      ...miniFederationConfig,
      customCaPaths: [network.caPath],
      staticPeers: new Map(room.servers.map((name) => [name, address(name)])),
      clientTimeoutMs: TIMEOUT_MS,
      destinationMinRetryIntervalMs: DAY_MS,
      destinationMaxRetryIntervalMs: DAY_MS,
    },
    notaries: [],
    ownKeys: createOwnKeys({
      serverName: services.serverName,
      signingKeys: [createSigningKey(createSeed(), 'bench')],
      oldKeys: new Map(),
      refreshIntervalMs: DAY_MS,
    }),
    queries: services.queries,
    log: LOG,
    throughDial: counted,
  })
  const policy = { minIntervalMs: DAY_MS, multiplier: 2, maxIntervalMs: DAY_MS }
  const { client, backoff } = federation
  const sender = new FederationSender({ ...services, client, backoff, retryPolicy: policy, log: LOG })
  await sender.start()
  const row = async (what: string, count: number): Promise<void> => {
    Object.assign(dials, { alive: 0, silent: 0 })
    const cost = await say(here, room, count, count * (SERVERS - silent.size))
    // What is tried in vain ends by its own time-out, and is part of the cost.
    if (dials.silent > 0) await sleep(2 * TIMEOUT_MS)
    const cpu = cost.cpuMs() / count
    const cells = [
      title,
      what,
      dials.alive,
      dials.silent,
      cpu.toFixed(0),
      cost.committedMs,
      cost.everywhereMs,
    ]
    console.log(`| ${cells.join(' | ')} |`)
  }
  await row('the first', 1)
  await row(`the next ${MESSAGES}, each`, MESSAGES)
  await sender.stop()
  await federation.close()
}

/** Says so many things one after another. Times are those of one on average, in whole milliseconds. */
async function say(replica: Replica, { roomId, creator }: CrowdedRoom, count: number, expected: number) {
  const before = await eventsSeen()
  const cpu = process.cpuUsage()
  let [committed, everywhere] = [0, 0]
  for (let index = 1; index <= count; index++) {
    const start = performance.now()
    await sendOn(replica, roomId, message(creator, `message ${index}`))
    committed += performance.now() - start
    while ((await eventsSeen()) - before < (expected / count) * index) await sleep(POLL_MS)
    everywhere += performance.now() - start
  }
  const cpuMs = (): number => {
    const { user, system } = process.cpuUsage(cpu)
    return (user + system) / 1_000
  }
  return { cpuMs, committedMs: Math.round(committed / count), everywhereMs: Math.round(everywhere / count) }
}

async function eventsSeen(): Promise<number> {
  const report = await ask(servers, 'count')
  return 'events' in report ? report.events : 0
}

async function ask(
  child: ChildProcess,
  question: readonly CrowdCertificate[] | 'count',
): Promise<CrowdReport> {
  child.send(question as Parameters<ChildProcess['send']>[0])
  const [report] = (await once(child, 'message')) as [CrowdReport]
  return report
}

async function certificatesOf(
  { servers: names }: CrowdedRoom,
  { issue }: PrivateNetwork,
): Promise<readonly CrowdCertificate[]> {
  const certificates: CrowdCertificate[] = []
  for (let start = 0; start < names.length; start += NAMES_PER_CERTIFICATE) {
    const [first, ...others] = names.slice(start, start + NAMES_PER_CERTIFICATE)
    const { certificate, privateKey } = await issue(first!, ...others)
    certificates.push({ names: [first!, ...others], certificate, privateKey })
  }
  return certificates
}
