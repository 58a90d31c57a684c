import { afterAll, beforeAll, expect, it } from 'vitest'
import type { TestClient } from '../../spec-tests/support/test-client.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'
import { everything, slide } from './sliding-client.fixture.ts'

let server: TestServer
let alice: TestClient
let bob: TestClient
const lists = { all: everything(1) }

beforeAll(async () => {
  server = await startTestServer()
  alice = await server.register('alice')
  bob = await server.register('bob')
})
afterAll(() => server.close())

it('gives heroes while there is no name, the name while there is one, and counts when they change', async () => {
  const roomId = await alice.createRoom({ preset: 'public_chat' })
  await bob.call('PUT', `/profile/${bob.userId}/displayname`, { displayname: 'Bobby' })
  await bob.call('PUT', `/profile/${bob.userId}/avatar_url`, { avatar_url: 'mxc://here.test/bob' })
  await bob.join(roomId)
  const hero = { user_id: bob.userId, displayname: 'Bobby', avatar_url: 'mxc://here.test/bob' }
  const first = await slide(alice, { lists })
  expect(first.rooms[roomId]).toMatchObject({ heroes: [hero], joined_count: 2, invited_count: 0 })
  expect(first.rooms[roomId]).not.toHaveProperty('name')
  await alice.setState(roomId, 'm.room.name', { name: 'Named' })
  await alice.setState(roomId, 'm.room.avatar', { url: 'mxc://here.test/room' })
  const named = await slide(alice, { lists }, first.pos)
  expect(named.rooms[roomId]).toMatchObject({ name: 'Named', avatar: 'mxc://here.test/room' })
  expect(named.rooms[roomId]).not.toHaveProperty('heroes')
  expect(named.rooms[roomId]).not.toHaveProperty('joined_count')
  await bob.call('POST', `/rooms/${encodeURIComponent(roomId)}/leave`, {})
  const left = await slide(alice, { lists }, named.pos)
  expect(left.rooms[roomId]).toMatchObject({ joined_count: 1 })
  await alice.setState(roomId, 'm.room.name', { name: '' })
  const unnamed = await slide(alice, { lists }, left.pos)
  expect(unnamed.rooms[roomId]).toMatchObject({ heroes: [{ user_id: bob.userId }] })
})

it('says which rooms are direct chats, and gives those the face of the other', async () => {
  const carol = await server.register('carol')
  const roomId = await alice.createRoom({ preset: 'private_chat' })
  await alice.call('POST', `/rooms/${encodeURIComponent(roomId)}/invite`, { user_id: bob.userId })
  await bob.join(roomId)
  const first = await slide(alice, { lists })
  expect(first.rooms[roomId]).not.toHaveProperty('is_dm')
  const direct = `/user/${alice.userId}/account_data/m.direct`
  await alice.call('PUT', direct, { [carol.userId]: [roomId] })
  const marked = await slide(alice, { lists }, first.pos, 20_000)
  expect(marked.rooms[roomId]).toMatchObject({ is_dm: true, avatar: 'mxc://here.test/bob' })
  await alice.call('PUT', direct, {})
  const unmarked = await slide(alice, { lists }, marked.pos, 20_000)
  expect(unmarked.rooms[roomId]).toMatchObject({ is_dm: false })
})

it('counts what is unread, and tells that it was read elsewhere', async () => {
  const roomId = await bob.createRoom({ preset: 'public_chat' })
  await alice.join(roomId)
  const first = await slide(alice, { lists })
  const eventId = await bob.say(roomId, `hello ${alice.userId}`)
  const unread = await slide(alice, { lists }, first.pos)
  expect(unread.rooms[roomId]).toMatchObject({ notification_count: 1 })
  await alice.call(
    'POST',
    `/rooms/${encodeURIComponent(roomId)}/receipt/m.read/${encodeURIComponent(eventId)}`,
    {},
  )
  const read = await slide(alice, { lists }, unread.pos, 20_000)
  expect(read.rooms[roomId]).toMatchObject({ notification_count: 0, highlight_count: 0 })
})
