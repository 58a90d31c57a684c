import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { startServerProcess } from '../../homeserver/cli/demo/server-process.ts'
import { pusherFor, startPushGateway } from '../../spec-tests/support/push-gateway.ts'
import { TestClient } from '../../spec-tests/support/test-client.ts'
import { summarise } from '../measure/statistics.ts'

// 10,000 notifications for a gateway that takes half a second for each, and what a send costs meanwhile.
const LISTENERS = 100
const MESSAGES = 100
const SLOW_MS = 500
const PROGRAM = join(import.meta.dirname, '..', '..', 'homeserver', 'main.ts')
const GENEROUS = { per_second: 10_000, burst_count: 10_000 }

const dataDir = await mkdtemp(join(tmpdir(), 'meridian-bench-push-'))
const configFile = join(dataDir, 'homeserver.yaml')
await writeFile(
  configFile,
  stringify({
    server_name: 'bench.test',
    enable_registration: true,
    enable_registration_without_verification: true,
    listeners: [{ port: 0, bind_addresses: ['127.0.0.1'] }],
    ip_range_blacklist: [],
    rc_message: GENEROUS,
    rc_registration: GENEROUS,
    rc_joins: { local: GENEROUS, remote: GENEROUS },
    rc_joins_per_room: GENEROUS,
    push: { allow_insecure_gateways: true, quiet_while_active: '0s', group_interval: '0s' },
    log_level: 'warn',
  }),
)
const gateway = await startPushGateway()
const server = startServerProcess({ program: PROGRAM, configFile, dataDir })
try {
  const url = (await server.ready())[0]!
  const register = async (name: string): Promise<TestClient> => {
    const client = new TestClient(url)
    await client.register(name)
    return client
  }
  const sender = await register('sender')
  const room = await sender.createRoom({ preset: 'public_chat' })
  const listeners: TestClient[] = []
  for (let n = 0; n < LISTENERS; n++) {
    const listener = await register(`listener${n}`)
    await listener.join(room)
    listeners.push(listener)
  }
  const sends = async (): Promise<number[]> => {
    const latencies: number[] = []
    for (let n = 0; n < MESSAGES; n++) {
      const begun = performance.now()
      await sender.say(room, `message ${n}`)
      latencies.push(performance.now() - begun)
    }
    return latencies
  }
  const show = (what: string, latencies: number[]): void => {
    const { p50, p95, max } = summarise(latencies)!
    console.log(`${what}: p50 ${p50.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms, max ${max.toFixed(1)} ms`)
  }
  await sends()
  show('nobody is notified', await sends())
  await gateway.behave({ delayMs: SLOW_MS })
  for (const [n, listener] of listeners.entries()) {
    await listener.call('POST', '/pushers/set', pusherFor(gateway, `key${n}`, { format: 'event_id_only' }))
  }
  show(`${LISTENERS} are notified of each, slowly`, await sends())
  const { received, mostAtOnce } = await gateway.seen()
  console.log(`told when the last was sent: ${received.length}; requests at once at most: ${mostAtOnce}`)
  await gateway.behave({ delayMs: 0 })
  const begun = performance.now()
  let told = 0
  while (told < LISTENERS * MESSAGES && performance.now() - begun < 120_000) {
    await new Promise((resolve) => setTimeout(resolve, 500))
    const events = (await gateway.seen()).received.filter(
      ({ notification }) => notification.event_id !== undefined,
    )
    told = new Set(
      events.map(({ notification: { event_id, devices } }) => `${event_id} ${devices[0]!.pushkey}`),
    ).size
  }
  const seconds = (performance.now() - begun) / 1000
  console.log(`told once it is fast: ${told} of ${LISTENERS * MESSAGES}, ${seconds.toFixed(0)} s later`)
} finally {
  server.signal('SIGTERM')
  await server.ended
  await gateway.close()
  await rm(dataDir, { recursive: true, force: true })
}
