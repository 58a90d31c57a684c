import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Json, TestClient } from '../../spec-tests/support/test-client.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'
import { everything, slide } from './sliding-client.fixture.ts'

let server: TestServer
let alice: TestClient
let bob: TestClient
/** Names of rooms by their ids. */
const names = new Map<string, string>()

const ENCRYPTED = [{ type: 'm.room.encryption', content: { algorithm: 'm.megolm.v1.aes-sha2' } }]

beforeAll(async () => {
  server = await startTestServer()
  alice = await server.register('alice')
  bob = await server.register('bob')
  const create = async (name: string, options: Json, by = alice): Promise<string> => {
    const roomId = await by.createRoom({ name, ...options })
    names.set(roomId, name)
    return roomId
  }
  await create('plain', {})
  await create('secret', { initial_state: ENCRYPTED })
  const dm = await create('dm', { is_direct: true })
  const tagged = await create('tagged', {})
  const child = await create('child', { creation_content: { type: 'org.example' } })
  const space = await create('space', { creation_content: { type: 'm.space' } })
  await create('invite', { invite: [alice.userId], initial_state: ENCRYPTED }, bob)
  await alice.setState(space, 'm.space.child', { via: ['here.test'] }, child)
  await alice.setState(space, 'm.space.child', {}, tagged)
  const user = `/user/${alice.userId}`
  await alice.call('PUT', `${user}/account_data/m.direct`, { [bob.userId]: [dm] })
  const tags = `${user}/rooms/${encodeURIComponent(tagged)}/account_data/m.tag`
  await alice.call('PUT', tags, { tags: { 'm.favourite': { order: 0.5 } } })
})
afterAll(() => server.close())

const spaceId = (): string => [...names].find(([, name]) => name === 'space')![0]

it.each<[Json | (() => Json), string[]]>([
  [{}, ['child', 'dm', 'invite', 'plain', 'secret', 'space', 'tagged']],
  [{ is_dm: true }, ['dm']],
  [{ is_dm: false, is_invite: false }, ['child', 'plain', 'secret', 'space', 'tagged']],
  [{ is_encrypted: true }, ['invite', 'secret']],
  [{ is_encrypted: false, is_dm: false }, ['child', 'plain', 'space', 'tagged']],
  [{ is_invite: true }, ['invite']],
  [{ room_types: ['m.space'] }, ['space']],
  [{ room_types: [null, 'org.example'], not_room_types: ['org.example'], is_invite: false }, ['dm', 'plain', 'secret', 'tagged']],
  [{ not_room_types: [null] }, ['child', 'space']],
  [{ room_types: [] }, []],
  [{ tags: ['m.favourite', 'm.lowpriority'] }, ['tagged']],
  [{ tags: ['m.favourite'], not_tags: ['m.favourite'] }, []],
  [{ not_tags: ['m.favourite'], is_dm: true }, ['dm']],
  [() => ({ spaces: [spaceId(), '!unknown:here.test'] }), ['child']],
  [{ spaces: [] }, []],
  [{ room_name_like: 'LAI' }, ['plain']],
])('%j', async (filters, expected) => {
  const list = { ...everything(0), filters: typeof filters === 'function' ? filters() : filters }
  const { rooms, lists } = await slide(alice, { lists: { list } })
  expect(Object.keys(rooms).map((roomId) => names.get(roomId)).toSorted()).toEqual(expected)
  expect(lists['list']).toEqual({ count: expected.length })
}) // prettier-ignore

it('takes rooms in when they come to match', async () => {
  const list = { ...everything(1), filters: { is_encrypted: true, is_invite: false } }
  const roomId = await alice.createRoom({ name: 'later' })
  const first = await slide(alice, { lists: { list } })
  expect(first.rooms).not.toHaveProperty([roomId])
  await alice.setState(roomId, 'm.room.encryption', { algorithm: 'm.megolm.v1.aes-sha2' })
  const next = await slide(alice, { lists: { list } }, first.pos, 20_000)
  expect(next.rooms[roomId]).toMatchObject({ initial: true })
})

it('knows of a room that the user was kicked out of what it was then', async () => {
  const roomId = await alice.createRoom({ preset: 'public_chat', name: 'Open day' })
  await bob.join(roomId)
  await alice.call('POST', `/rooms/${encodeURIComponent(roomId)}/kick`, { user_id: bob.userId })
  await alice.setState(roomId, 'm.room.name', { name: 'Secret plans' })
  await alice.setState(roomId, 'm.room.encryption', { algorithm: 'm.megolm.v1.aes-sha2' })
  const matches = async (filters: Json): Promise<boolean> => {
    const { rooms } = await slide(bob, { lists: { list: { ...everything(0), filters } } })
    return roomId in rooms
  }
  expect(await matches({ room_name_like: 'open' })).toBe(true)
  expect(await matches({ room_name_like: 'secret' })).toBe(false)
  expect(await matches({ is_encrypted: false, not_room_types: ['m.space'] })).toBe(true)
})
