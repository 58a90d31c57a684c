import { afterAll, beforeAll, expect, it } from 'vitest'
import type { TestClient } from '../../spec-tests/support/test-client.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'
import { everything, messagesIn, post, slide, stateIn } from './sliding-client.fixture.ts'

let server: TestServer
let alice: TestClient
let bob: TestClient

beforeAll(async () => {
  server = await startTestServer()
  alice = await server.register('alice')
  bob = await server.register('bob')
})
afterAll(() => server.close())

it('gives a room once as a whole, then what is new', async () => {
  const roomId = await alice.createRoom({ name: 'Hall', preset: 'public_chat' })
  await alice.say(roomId, 'one')
  const lists = {
    all: everything(2, [
      ['m.room.name', ''],
      ['m.room.member', '$ME'],
    ]),
  }
  const first = await slide(alice, { lists })
  expect(first.lists).toEqual({ all: { count: 1 } })
  const room = first.rooms[roomId]!
  expect(room).toMatchObject({ initial: true, name: 'Hall', limited: true, joined_count: 1, num_live: 0 })
  expect(room.timeline).toHaveLength(2)
  expect(stateIn(room)).toEqual(['m.room.member/@alice:here.test', 'm.room.name/'])

  const idle = await slide(alice, { lists }, first.pos)
  expect(idle.rooms).toEqual({})
  await alice.say(roomId, 'two')
  const next = await slide(alice, { lists }, idle.pos)
  expect(next.rooms[roomId]).toMatchObject({ limited: false, num_live: 1 })
  expect(next.rooms[roomId]).not.toHaveProperty('initial')
  expect(messagesIn(next.rooms[roomId])).toEqual(['two'])
  expect(next.rooms[roomId]!.required_state).toBeUndefined()
})

it('waits for news', async () => {
  const roomId = await bob.createRoom({ preset: 'public_chat' })
  const lists = { all: everything() }
  const { pos } = await slide(bob, { lists })
  const waiting = slide(bob, { lists }, pos, 20_000)
  await bob.say(roomId, 'woken')
  expect(messagesIn((await waiting).rooms[roomId])).toEqual(['woken'])
})

it('refuses positions of others, of nobody and of other connections', async () => {
  const lists = { all: everything() }
  const { pos } = await slide(alice, { lists })
  for (const [client, position, connId] of [
    [bob, pos, undefined],
    [alice, 'c1.1', undefined],
    [alice, pos.replace(/^c\d+/, 'c999999'), undefined],
    [alice, pos, 'another'],
  ] as const) {
    const answer = await post(client, { lists, conn_id: connId }, position)
    expect([answer.status, answer.body['errcode']]).toEqual([400, 'M_UNKNOWN_POS'])
  }
})
