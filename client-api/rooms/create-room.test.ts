import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Json, TestClient } from '../../spec-tests/support/test-client.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'

const OF_UNKNOWN_SERVER = { medium: 'email', address: 'a@b.c', id_server: 'd', id_access_token: 'e' }

let server: TestServer
let alice: TestClient
let bob: TestClient

beforeAll(async () => {
  server = await startTestServer()
  alice = await server.register('alice')
  bob = await server.register('bob')
})
afterAll(() => server.close())

const CREATE = '/_matrix/client/v3/createRoom'

async function contentsOf(client: TestClient, roomId: string): Promise<Record<string, Json>> {
  const state = await client.state(roomId)
  return Object.fromEntries(
    state.map((event) => [`${event['type']}|${event['state_key']}`, event['content'] as Json]),
  )
}

async function refusal(options: unknown): Promise<[number, unknown]> {
  const answer = await alice.request('POST', CREATE, options)
  return [answer.status, answer.body['errcode']]
}

describe('POST /createRoom', () => {
  it('makes the events in the order of the specification', async () => {
    const roomId = await alice.createRoom({
      preset: 'public_chat',
      room_alias_name: 'ordered',
      name: 'Ordered',
      topic: 'Order',
      initial_state: [{ type: 'org.example.first', content: { a: 1 } }],
      invite: [bob.userId],
      is_direct: true,
    })
    const state = await alice.state(roomId)
    expect(state.map((event) => event['type'])).toEqual([
      'm.room.create',
      'm.room.member',
      'm.room.power_levels',
      'm.room.canonical_alias',
      'm.room.join_rules',
      'm.room.history_visibility',
      'org.example.first',
      'm.room.name',
      'm.room.topic',
      'm.room.member',
    ])
    const contents = await contentsOf(alice, roomId)
    expect(contents['m.room.canonical_alias|']).toEqual({ alias: '#ordered:here.test' })
    expect(contents['m.room.topic|']).toEqual({
      topic: 'Order',
      'm.topic': { 'm.text': [{ body: 'Order', mimetype: 'text/plain' }] },
    })
    expect(contents[`m.room.member|${bob.userId}`]).toMatchObject({ membership: 'invite', is_direct: true })
    expect(state.every((event) => event['room_id'] === roomId)).toBe(true)
  })

  it('makes as many rooms as are asked for at the same time', async () => {
    const rooms = await Promise.all(Array.from({ length: 10 }, () => alice.createRoom()))
    expect(new Set(rooms).size).toBe(10)
  })

  it('names a version 12 room by its create event and leaves the creators out of the power levels', async () => {
    const roomId = await alice.createRoom({ preset: 'trusted_private_chat', invite: [bob.userId] })
    const [create] = await alice.state(roomId)
    expect(roomId).toBe(`!${String(create?.['event_id']).slice(1)}`)
    const contents = await contentsOf(alice, roomId)
    expect(contents['m.room.create|']).toEqual({ room_version: '12', additional_creators: [bob.userId] })
    expect(contents['m.room.power_levels|']).toMatchObject({ users: {}, events: { 'm.room.tombstone': 150 } })
  })

  it.each(['1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11'])(
    'makes rooms of version %s',
    async (version) => {
      const roomId = await alice.createRoom({
        room_version: version,
        preset: 'trusted_private_chat',
        invite: [bob.userId],
      })
      expect(roomId).toMatch(/^![A-Za-z0-9_-]{24}:here\.test$/)
      const contents = await contentsOf(alice, roomId)
      expect(contents['m.room.create|']?.['room_version']).toBe(version)
      expect(contents['m.room.create|']?.['creator']).toBe(version === '11' ? undefined : alice.userId)
      expect(contents['m.room.power_levels|']?.['users']).toEqual({ [alice.userId]: 100, [bob.userId]: 100 })
      await bob.join(roomId)
      await bob.say(roomId, 'hello')
    },
  )

  it.each([
    ['private_chat', 'invite', { guest_access: 'can_join' }],
    ['public_chat', 'public', undefined],
    ['trusted_private_chat', 'invite', { guest_access: 'can_join' }],
  ])('preset %s', async (preset, joinRule, guestAccess) => {
    const contents = await contentsOf(alice, await alice.createRoom({ preset }))
    expect(contents['m.room.join_rules|']).toEqual({ join_rule: joinRule })
    expect(contents['m.room.history_visibility|']).toEqual({ history_visibility: 'shared' })
    expect(contents['m.room.guest_access|']).toEqual(guestAccess)
  })

  it('lets the initial state override the preset, and name and topic the initial state', async () => {
    const roomId = await alice.createRoom({
      visibility: 'public',
      name: 'given',
      initial_state: [
        { type: 'm.room.join_rules', state_key: '', content: { join_rule: 'knock' } },
        { type: 'm.room.name', content: { name: 'lost' } },
      ],
      power_level_content_override: { events_default: 7 },
      creation_content: { 'm.federate': false, creator: '@mallory:evil', room_version: '1' },
    })
    const contents = await contentsOf(alice, roomId)
    expect(contents['m.room.join_rules|']).toEqual({ join_rule: 'knock' })
    expect(contents['m.room.name|']).toEqual({ name: 'given' })
    expect(contents['m.room.power_levels|']).toMatchObject({ events_default: 7, state_default: 50 })
    expect(contents['m.room.create|']).toEqual({ room_version: '12', 'm.federate': false })
  })

  it.each([
    [{ room_version: 'no such' }, 400, 'M_UNSUPPORTED_ROOM_VERSION'],
    [{ room_version: 12 }, 400, 'M_BAD_JSON'],
    [{ preset: 'no such' }, 400, 'M_INVALID_PARAM'],
    [{ invite: ['nobody'] }, 400, 'M_INVALID_PARAM'],
    [{ invite: 'x' }, 400, 'M_BAD_JSON'],
    [{ invite: [1] }, 400, 'M_BAD_JSON'],
    [{ name: ['x'] }, 400, 'M_BAD_JSON'],
    [{ creation_content: { additional_creators: 'x' } }, 400, 'M_INVALID_PARAM'],
    [{ room_alias_name: 'a:b' }, 400, 'M_INVALID_PARAM'],
    [{ room_alias_name: 'nul\0' }, 400, 'M_INVALID_PARAM'],
    [{ initial_state: [{ type: 'x' }] }, 400, 'M_BAD_JSON'],
    [{ initial_state: [{ type: 'x'.repeat(256), content: {} }] }, 413, 'M_TOO_LARGE'],
    [{ topic: 'x'.repeat(40_000) }, 413, 'M_TOO_LARGE'],
    [{ power_level_content_override: { users: { '@alice:here.test': 100 } } }, 400, 'M_INVALID_ROOM_STATE'],
    [{ room_version: '11', power_level_content_override: { users: {} } }, 400, 'M_INVALID_ROOM_STATE'],
    [{ initial_state: [{ type: 'm.room.create', content: {} }] }, 400, 'M_INVALID_ROOM_STATE'],
    [{ invite_3pid: [{ medium: 'email', address: 'a@b.c', id_server: 'd' }] }, 400, 'M_MISSING_PARAM'],
    [{ invite_3pid: [OF_UNKNOWN_SERVER] }, 403, 'M_SERVER_NOT_TRUSTED'],
    [{ invite_3pid: 17 }, 400, 'M_BAD_JSON'],
    ['{"creation_content":{"float":1.5}}', 400, 'M_BAD_JSON'],
  ])('refuses what cannot be (%#)', async (options, status, errcode) => {
    const before = (await alice.call('GET', '/joined_rooms'))['joined_rooms']
    expect(await refusal(options)).toEqual([status, errcode])
    expect((await alice.call('GET', '/joined_rooms'))['joined_rooms']).toEqual(before)
  })

  it('gives an alias once', async () => {
    await alice.createRoom({ room_alias_name: 'taken' })
    expect(await refusal({ room_alias_name: 'taken' })).toEqual([400, 'M_ROOM_IN_USE'])
  })
})
