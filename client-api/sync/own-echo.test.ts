import { afterAll, beforeAll, expect, test } from 'vitest'
import { TestClient, type Json } from '../../spec-tests/support/test-client.ts'
import { createTestDatabase, type TestDatabase } from '../../spec-tests/support/test-database.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'

const ODD = 'odd % é/☃'

let database: TestDatabase
let server: TestServer
let phone: TestClient
let laptop: TestClient
let bob: TestClient
let roomId: string
let plain: string
let odd: string
let bobs: string
let stateId: string

beforeAll(async () => {
  database = await createTestDatabase()
  server = await startTestServer({ database: database.address })
  phone = await server.register('alice', 'PHONE')
  bob = await server.register('bob', 'BOBS')
  laptop = await logIn()
  roomId = await phone.createRoom({ preset: 'public_chat' })
  await bob.join(roomId)
  plain = await phone.say(roomId, 'from the phone', 'plain')
  odd = await laptop.say(roomId, 'from the laptop', ODD)
  bobs = await bob.say(roomId, 'from bob', 'plain')
  const state = await phone.call('PUT', `/rooms/${encodeURIComponent(roomId)}/state/m.room.topic/`, {
    topic: 'T',
  })
  stateId = String(state['event_id'])
  await server.close()
  server = await startTestServer({ database: database.address })
  ;[phone, laptop, bob] = [phone, laptop, bob].map(moved) as [TestClient, TestClient, TestClient]
})
afterAll(async () => {
  await server.close()
  await database.close()
})

async function logIn(): Promise<TestClient> {
  const client = server.anonymous()
  const identifier = { type: 'm.id.user', user: 'alice' }
  const wish = {
    type: 'm.login.password',
    identifier,
    password: 'correct horse battery',
    device_id: 'LAPTOP',
  }
  const answer = await client.call('POST', '/login', wish)
  client.token = String(answer['access_token'])
  return client
}

/** The client, at the server that runs now. */
function moved(client: TestClient): TestClient {
  const next = new TestClient(server.url)
  next.token = client.token
  return next
}

type Event = Json & { readonly event_id: string; readonly unsigned: Json }

/** The transaction ids that events tell, by event. */
function told(events: unknown): Record<string, unknown> {
  const list = events as Event[]
  return Object.fromEntries(list.map((event) => [event.event_id, event.unsigned['transaction_id']]))
}

async function synced(client: TestClient): Promise<Record<string, unknown>> {
  const { rooms } = (await client.call('GET', '/sync')) as {
    rooms: { join: Record<string, { timeline: { events: unknown } }> }
  }
  return told(rooms.join[roomId]!.timeline.events)
}

const messages = async (client: TestClient): Promise<Record<string, unknown>> =>
  told((await client.call('GET', `/rooms/${encodeURIComponent(roomId)}/messages?dir=b&limit=50`))['chunk'])

async function slid(client: TestClient): Promise<Record<string, unknown>> {
  const path = '/_matrix/client/unstable/org.matrix.simplified_msc3575/sync'
  const wish = { room_subscriptions: { [roomId]: { timeline_limit: 20, required_state: [] } } }
  const { body } = await client.request('POST', path, wish)
  return told((body['rooms'] as Record<string, { timeline: unknown }>)[roomId]!.timeline)
}

test.each([
  ['sync', synced],
  ['messages', messages],
  ['sliding sync', slid],
])('after a restart, %s tells a device its own transaction ids and nobody else’s', async (_, read) => {
  const atPhone = await read(phone)
  expect(atPhone).toMatchObject({ [plain]: 'plain' })
  expect([atPhone[odd], atPhone[bobs], atPhone[stateId]]).toEqual([undefined, undefined, undefined])
  const atLaptop = await read(laptop)
  expect(atLaptop).toMatchObject({ [odd]: ODD })
  expect([atLaptop[plain], atLaptop[bobs]]).toEqual([undefined, undefined])
  const atBob = await read(bob)
  expect(atBob).toMatchObject({ [bobs]: 'plain' })
  expect([atBob[plain], atBob[odd]]).toEqual([undefined, undefined])
})
