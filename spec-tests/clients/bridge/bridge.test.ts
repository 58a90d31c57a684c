import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { startMortalServer, type MortalServer } from '../../support/mortal-server.ts'
import { TestClient, type Json } from '../../support/test-client.ts'
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts'
import { startBridge, type TestBridge } from './start-bridge.ts'

// matrix-appservice-bridge, which bridges to IRC, Slack and others are made with.

const ALIAS = '#_lib_lobby:here.test'
const ANNA = '@_lib_anna:here.test'

let database: TestDatabase
let bridge: TestBridge
let server: MortalServer
let person: TestClient
let roomId = ''

async function startServer(): Promise<void> {
  server = await startMortalServer(database.address, { app_service_config_files: [bridge.registrationFile] })
  bridge.leadTo(server.url)
  const { token, userId } = person ?? {}
  person = new TestClient(server.url)
  if (token !== undefined) Object.assign(person, { token, userId })
}

beforeAll(async () => {
  database = await createTestDatabase()
  bridge = await startBridge()
  await startServer()
  await person.register('person')
}, 120_000)
afterAll(async () => {
  await server.close()
  await bridge.close()
  await database.close()
})

async function messages(): Promise<{ sender: unknown; body: unknown }[]> {
  const answer = await person.call('GET', `/rooms/${encodeURIComponent(roomId)}/messages?dir=b&limit=100`)
  return (answer['chunk'] as Json[])
    .filter((event) => event['type'] === 'm.room.message')
    .map((event) => ({ sender: event['sender'], body: (event['content'] as Json)['body'] }))
    .toReversed()
}

test('a portal room is made when somebody joins its alias', async () => {
  roomId = await person.join(ALIAS)
  const state = await person.state(roomId)
  expect(state.find((event) => event['type'] === 'm.room.name')?.['content']).toEqual({ name: '_lib_lobby' })
  expect(state.find((event) => event['type'] === 'm.room.create')?.['sender']).toBe('@_lib_bot:here.test')
})

test('messages go both ways, the network’s people as ghosts', async () => {
  await bridge.say('anna', 'lobby', 'hello from the network')
  await person.say(roomId, 'hello from Matrix')
  await bridge.say('berta', 'lobby', 'hello from another')
  await eventually('what was said on Matrix', () => bridge.said.length > 0)
  expect(bridge.said).toEqual([{ channel: 'lobby', sender: person.userId, body: 'hello from Matrix' }])
  expect(await messages()).toEqual([
    { sender: ANNA, body: 'hello from the network' },
    { sender: person.userId, body: 'hello from Matrix' },
    { sender: '@_lib_berta:here.test', body: 'hello from another' },
  ])
})

test('typing and receipts go both ways', async () => {
  const place = `/rooms/${encodeURIComponent(roomId)}`
  await person.call('PUT', `${place}/typing/${encodeURIComponent(person.userId)}`, {
    typing: true,
    timeout: 30_000,
  })
  const eventId = await bridge.say('anna', 'lobby', 'read me')
  await person.call('POST', `${place}/receipt/m.read/${encodeURIComponent(eventId)}`, {})
  const signOf = (type: string) =>
    bridge.signs.find((sign) => sign['type'] === type && JSON.stringify(sign).includes(person.userId))
  await eventually('the receipt', () => signOf('m.receipt'))
  expect(signOf('m.typing')).toMatchObject({ room_id: roomId, content: { user_ids: [person.userId] } })
  expect(signOf('m.receipt')).toMatchObject({
    room_id: roomId,
    content: { [eventId]: { 'm.read': { [person.userId]: { ts: expect.any(Number) } } } },
  })
  const ownId = await person.say(roomId, 'read me too')
  await bridge.type('anna', 'lobby')
  await bridge.read('anna', 'lobby', ownId)
  const seen = JSON.stringify(await person.sync({ timeout: '0' }))
  expect(seen).toContain(`"type":"m.typing","content":{"user_ids":["${person.userId}","${ANNA}"]}`)
  expect(seen).toContain(`"${ownId}":{"m.read":{"${ANNA}"`)
})

test('SIGKILL of the server loses nothing of what was said, in either direction, and keeps the order', async () => {
  const before = bridge.said.length
  const said: string[] = []
  for (let round = 0; round < 2; round++) {
    for (let count = 0; count < 25; count++) {
      said.push(`${round}-${count}`)
      await person.say(roomId, said.at(-1)!, `kill-${round}-${count}`)
    }
    await bridge.say('anna', 'lobby', `echo ${round}`)
    await server.kill9()
    await startServer()
  }
  await eventually('everything', () => bridge.said.length >= before + said.length)
  expect(bridge.said.slice(before).map(({ body }) => body)).toEqual(said)
  await bridge.say('anna', 'lobby', 'still here')
  const bodies = (await messages()).map(({ body }) => body)
  expect(bodies).toEqual(expect.arrayContaining(['echo 0', 'echo 1', 'still here']))
}, 180_000)
