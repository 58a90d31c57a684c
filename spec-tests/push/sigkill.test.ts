import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { stringify } from 'yaml'
import { startServerProcess } from '../../homeserver/cli/demo/server-process.ts'
import { eventually } from '../support/eventually.ts'
import { pusherFor, startPushGateway } from '../support/push-gateway.ts'
import { TestClient } from '../support/test-client.ts'
import { createTestDatabase } from '../support/test-database.ts'
import { testConfig } from '../support/test-server.ts'

const PROGRAM = join(import.meta.dirname, '..', '..', 'homeserver', 'main.ts')
const MESSAGES = 40
const LISTENERS = 3
/** Slow enough for the kill to come in the middle. */
const ANSWER_MS = 100

it('a server killed in the middle of pushing tells after its start what it had not told', async () => {
  const database = await createTestDatabase()
  const dataDir = await mkdtemp(join(tmpdir(), 'meridian-push-'))
  const gateway = await startPushGateway()
  const configFile = join(dataDir, 'homeserver.yaml')
  const push = { allow_insecure_gateways: true, quiet_while_active: '0s', group_interval: '0s' }
  await writeFile(configFile, stringify({ ...testConfig('here.test', database.address), push }))
  const start = async () => {
    const server = startServerProcess({ program: PROGRAM, configFile, dataDir })
    return { server, url: (await server.ready())[0]! }
  }
  let { server, url } = await start()
  try {
    const register = async (name: string): Promise<TestClient> => {
      const client = new TestClient(url)
      await client.register(name)
      return client
    }
    const alice = await register('alice')
    const room = await alice.createRoom({ preset: 'public_chat' })
    const keys: string[] = []
    for (let n = 0; n < LISTENERS; n++) {
      const listener = await register(`listener${n}`)
      await listener.join(room)
      keys.push(`key${n}`)
      await listener.call('POST', '/pushers/set', pusherFor(gateway, `key${n}`, { format: 'event_id_only' }))
    }
    await gateway.behave({ delayMs: ANSWER_MS })
    const sent: string[] = []
    for (let n = 0; n < MESSAGES; n++) sent.push(await alice.say(room, `message ${n}`))
    await eventually('the middle', async () => (await gateway.eventsOf(keys[0]!)).length >= MESSAGES / 4)
    server.signal('SIGKILL')
    await server.ended
    for (const key of keys) expect((await gateway.eventsOf(key)).length).toBeLessThan(MESSAGES)
    await gateway.behave({ delayMs: 0 })
    ;({ server, url } = await start())
    for (const key of keys) {
      await gateway.told(key, sent.at(-1)!)
      const told = (await gateway.eventsOf(key)).map(({ event_id }) => event_id!)
      expect([...new Set(told)].toSorted()).toEqual(sent.toSorted())
      // Progress is noted every second, and that of about two is told again at most.
      expect(told.length).toBeLessThan(MESSAGES + 2_500 / ANSWER_MS)
    }
  } finally {
    server.signal('SIGKILL')
    await server.ended
    await gateway.close()
    await database.close()
    await rm(dataDir, { recursive: true, force: true })
  }
}, 120_000)
