import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Json, TestClient } from '../../spec-tests/support/test-client.ts'
import { createTestDatabase } from '../../spec-tests/support/test-database.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'

const V3 = '/_matrix/client/v3'
const id = encodeURIComponent

let server: TestServer
let alice: TestClient
let bob: TestClient
let carol: TestClient

beforeAll(async () => {
  server = await startTestServer()
  alice = await server.register('alice')
  bob = await server.register('bob')
  carol = await server.register('carol')
})
afterAll(() => server.close())

interface Page {
  readonly rooms: readonly Json[]
  readonly next: unknown
  readonly previous: unknown
  readonly total: unknown
}

async function search(body: Json): Promise<Page> {
  const answer = await alice.call('POST', '/publicRooms', body)
  return {
    rooms: answer['chunk'] as readonly Json[],
    next: answer['next_batch'],
    previous: answer['prev_batch'],
    total: answer['total_room_count_estimate'],
  }
}

async function found(term: string, more: Json = {}): Promise<unknown[]> {
  const { rooms } = await search({ filter: { generic_search_term: term, ...more } })
  return rooms.map((room) => room['room_id'])
}

describe('the public directory', () => {
  it('tells what a room says of itself, as it is now', async () => {
    const roomId = await alice.createRoom({
      visibility: 'public',
      name: 'Weather',
      topic: 'Rain and sun',
      room_alias_name: 'weather',
    })
    const weather = {
      room_id: roomId,
      name: 'Weather',
      topic: 'Rain and sun',
      canonical_alias: '#weather:here.test',
      num_joined_members: 1,
      world_readable: false,
      guest_can_join: false,
      join_rule: 'public',
    }
    expect((await search({ filter: { generic_search_term: 'WEATHER' } })).rooms).toEqual([weather])
    await bob.join(roomId)
    await alice.setState(roomId, 'm.room.topic', { topic: 'Snow' })
    await alice.setState(roomId, 'm.room.history_visibility', { history_visibility: 'world_readable' })
    const now = { ...weather, topic: 'Snow', num_joined_members: 2, world_readable: true }
    expect((await search({ filter: { generic_search_term: 'snow' } })).rooms).toEqual([now])
    expect(await found('rain and')).toEqual([])
  })

  it('shows a redacted name to nobody', async () => {
    const roomId = await alice.createRoom({ visibility: 'public', topic: 'redaction' })
    const name = await alice.setState(roomId, 'm.room.name', { name: 'Insult' })
    expect(await found('insult')).toEqual([roomId])
    await alice.call('PUT', `/rooms/${id(roomId)}/redact/${id(name)}/r1`, {})
    expect(await found('insult')).toEqual([])
  })

  it('goes by members, page by page, forwards and back again', async () => {
    const rooms: string[] = []
    for (const guests of [[], [bob], [bob, carol]]) {
      const roomId = await alice.createRoom({ visibility: 'public', name: `paging ${guests.length}` })
      for (const guest of guests) await guest.join(roomId)
      rooms.unshift(roomId)
    }
    const filter = { generic_search_term: 'paging' }
    const ids = (page: Page) => page.rooms.map((room) => room['room_id'])
    const first = await search({ filter, limit: 2 })
    expect(ids(first)).toEqual(rooms.slice(0, 2))
    expect(first.total).toBe(3)
    expect(first.previous).toBeUndefined()
    const second = await search({ filter, limit: 2, since: first.next })
    expect(ids(second)).toEqual(rooms.slice(2))
    expect(second.next).toBeUndefined()
    const back = await search({ filter, limit: 1, since: second.previous })
    expect(ids(back)).toEqual([rooms[1]])
    expect(ids(await search({ filter, limit: 1, since: back.previous }))).toEqual([rooms[0]])
    expect(ids(await search({ filter, since: back.next }))).toEqual([rooms[2]])
    expect((await alice.request('POST', `${V3}/publicRooms`, { since: 'nonsense' })).status).toBe(400)
  })

  it('knows the types of rooms, and that most have none', async () => {
    const options = { visibility: 'public', name: 'typed' }
    const space = await alice.createRoom({ ...options, creation_content: { type: 'm.space' } })
    const room = await alice.createRoom(options)
    expect(await found('typed', { room_types: ['m.space'] })).toEqual([space])
    expect(await found('typed', { room_types: [null] })).toEqual([room])
    expect((await found('typed', { room_types: [null, 'm.space'] })).toSorted()).toEqual(
      [space, room].toSorted(),
    )
    expect(await found('typed', { room_types: [] })).toEqual([])
  })

  it('lists no room that lets nobody in, and none that everybody has left', async () => {
    const roomId = await alice.createRoom({ visibility: 'public', name: 'closing' })
    await alice.setState(roomId, 'm.room.join_rules', { join_rule: 'invite' })
    expect(await found('closing')).toEqual([])
    await alice.setState(roomId, 'm.room.join_rules', { join_rule: 'knock' })
    expect(await found('closing')).toEqual([roomId])
    await alice.call('POST', `/rooms/${id(roomId)}/leave`, {})
    expect(await found('closing')).toEqual([])
  })

  it('is changed by those who may name the room, and by nobody else', async () => {
    const roomId = await alice.createRoom({ preset: 'public_chat', name: 'listing' })
    const path = `/directory/list/room/${id(roomId)}`
    expect(await server.anonymous().call('GET', path)).toEqual({ visibility: 'private' })
    await carol.join(roomId)
    for (const client of [bob, carol]) {
      const answer = await client.request('PUT', V3 + path, { visibility: 'public' })
      expect([answer.status, answer.body['errcode']]).toEqual([403, 'M_FORBIDDEN'])
    }
    await alice.call('PUT', path, {})
    expect(await alice.call('GET', path)).toEqual({ visibility: 'public' })
    expect(await found('listing')).toEqual([roomId])
    await alice.call('PUT', path, { visibility: 'private' })
    expect(await found('listing')).toEqual([])
    expect((await alice.request('PUT', V3 + path, { visibility: 'x' })).status).toBe(400)
    const unknown = await alice.request('PUT', `${V3}/directory/list/room/!no:here.test`, {})
    expect([unknown.status, unknown.body['errcode']]).toEqual([404, 'M_NOT_FOUND'])
  })

  it('has no rooms of bridged networks, and refuses contradictions', async () => {
    expect((await search({ third_party_instance_id: 'irc' })).rooms).toEqual([])
    const both = { third_party_instance_id: 'irc', include_all_networks: true }
    expect((await alice.request('POST', `${V3}/publicRooms`, both)).status).toBe(400)
  })

  it('is for users alone where the configuration does not open it', async () => {
    expect((await server.anonymous().request('GET', `${V3}/publicRooms`)).status).toBe(401)
    expect((await alice.request('GET', `${V3}/publicRooms?limit=1`)).body['chunk']).toHaveLength(1)
  })
})

describe('configured', () => {
  it('otherwise, it answers anybody, but asks no other server for them', async () => {
    const open = await startTestServer({
      serverName: 'open.test',
      config: { allow_public_rooms_without_auth: true },
    })
    try {
      const answer = await open.anonymous().request('GET', `${V3}/publicRooms`)
      expect([answer.status, answer.body['chunk']]).toEqual([200, []])
      expect((await open.anonymous().request('GET', `${V3}/publicRooms?server=there.test`)).status).toBe(401)
    } finally {
      await open.close()
    }
  })

  it('is up to date after a restart, whatever was asked before', async () => {
    const database = await createTestDatabase()
    try {
      const before = await startTestServer({ database: database.address })
      const dave = await before.register('dave')
      const roomId = await dave.createRoom({ visibility: 'public', name: 'Before' })
      expect((await dave.call('GET', '/publicRooms'))['chunk']).toMatchObject([{ name: 'Before' }])
      await dave.setState(roomId, 'm.room.name', { name: 'After' })
      await before.close()
      const after = await startTestServer({ database: database.address })
      const erin = await after.register('erin')
      expect((await erin.call('GET', '/publicRooms'))['chunk']).toMatchObject([{ name: 'After' }])
      await after.close()
    } finally {
      await database.close()
    }
  })
})
