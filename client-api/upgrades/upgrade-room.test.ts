import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Json, TestClient } from '../../spec-tests/support/test-client.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'

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

function upgrade(user: TestClient, roomId: string, version: string, more: Json = {}) {
  const path = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/upgrade`
  return user.request('POST', path, { new_version: version, ...more })
}

async function upgraded(user: TestClient, roomId: string, version: string, more: Json = {}): Promise<string> {
  const { status, body } = await upgrade(user, roomId, version, more)
  expect(body).toEqual({ replacement_room: expect.any(String) as string })
  expect(status).toBe(200)
  return String(body['replacement_room'])
}

async function stateOf(user: TestClient, roomId: string): Promise<Map<string, Json>> {
  const events = await user.state(roomId)
  return new Map(events.map((event) => [`${String(event['type'])}|${String(event['state_key'])}`, event]))
}

function contentAt(state: Map<string, Json>, type: string, key = ''): Json | undefined {
  return state.get(`${type}|${key}`)?.['content'] as Json | undefined
}

const VERSIONS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12']

describe('an upgraded room', () => {
  it.each(VERSIONS)('goes from version %s to every other', async (from) => {
    for (const to of VERSIONS) {
      const options = { room_version: from, name: 'n', preset: 'public_chat' }
      const oldRoom = await alice.createRoom(options)
      const newRoom = await upgraded(alice, oldRoom, to)
      const state = await stateOf(alice, newRoom)
      expect(contentAt(state, 'm.room.create')).toMatchObject({ room_version: to })
      expect(contentAt(state, 'm.room.name')).toEqual({ name: 'n' })
      const closing = (await stateOf(alice, oldRoom)).get('m.room.tombstone|')
      expect(closing?.['content']).toMatchObject({ replacement_room: newRoom })
      expect(contentAt(state, 'm.room.create')?.['predecessor']).toEqual(
        to === '12' ? { room_id: oldRoom } : { room_id: oldRoom, event_id: closing?.['event_id'] },
      )
      await alice.setState(newRoom, 'm.room.power_levels', {
        ...contentAt(state, 'm.room.power_levels'),
        ban: 51,
      })
    }
  })

  it('takes its state along, and its bans', async () => {
    const oldRoom = await alice.createRoom({
      preset: 'public_chat',
      room_version: '10',
      room_alias_name: 'moving',
      topic: 'the topic',
      creation_content: { type: 'm.space', 'm.federate': false, other: 1 },
      initial_state: [
        { type: 'm.room.server_acl', content: { allow: ['*'], deny: ['evil.test'] } },
        { type: 'm.room.avatar', content: { url: 'mxc://here.test/a' } },
        { type: 'm.room.history_visibility', content: { history_visibility: 'joined' } },
        { type: 'm.space.child', state_key: '!child:here.test', content: { via: ['here.test'] } },
        { type: 'm.space.child', state_key: '!gone:here.test', content: {} },
        { type: 'com.example.own', content: { a: 1 } },
      ],
    })
    await bob.join(oldRoom)
    await alice.call('POST', `/rooms/${encodeURIComponent(oldRoom)}/ban`, {
      user_id: carol.userId,
      reason: 'spam',
    })
    const newRoom = await upgraded(alice, oldRoom, '11')
    const before = await stateOf(alice, oldRoom)
    const after = await stateOf(alice, newRoom)
    const same = ['topic', 'server_acl', 'avatar', 'history_visibility', 'join_rules']
    for (const type of same.map((name) => `m.room.${name}`)) {
      expect(contentAt(after, type), type).toEqual(contentAt(before, type))
    }
    expect(contentAt(after, 'm.room.create')).toMatchObject({ type: 'm.space', 'm.federate': false })
    expect(contentAt(after, 'm.room.create')).not.toHaveProperty('other')
    expect(contentAt(after, 'm.space.child', '!child:here.test')).toEqual({ via: ['here.test'] })
    expect(contentAt(after, 'm.space.child', '!gone:here.test')).toBeUndefined()
    expect(contentAt(after, 'com.example.own')).toBeUndefined()
    expect(contentAt(after, 'm.room.member', carol.userId)).toEqual({ membership: 'ban', reason: 'spam' })
    expect(contentAt(after, 'm.room.member', bob.userId)).toBeUndefined()

    const alias = '#moving:here.test'
    expect(await alice.call('GET', `/directory/room/${encodeURIComponent(alias)}`)).toMatchObject({
      room_id: newRoom,
    })
    expect(contentAt(after, 'm.room.canonical_alias')).toEqual({ alias })
    expect(contentAt(before, 'm.room.canonical_alias')).toEqual({})
    expect(contentAt(before, 'm.room.power_levels')).toMatchObject({ events_default: 50, invite: 50 })
    expect((await bob.request('PUT', sendPath(oldRoom), { msgtype: 'm.text', body: 'b' })).status).toBe(403)
    await bob.join(newRoom)
    await bob.say(newRoom, 'here')
  })

  it('belongs to those who close the old one, with the power that they had', async () => {
    const oldRoom = await alice.createRoom({
      preset: 'public_chat',
      room_version: '9',
      power_level_content_override: {
        users: { [alice.userId]: 100, [bob.userId]: '50', [carol.userId]: 20 },
        events: { 'm.room.tombstone': 50, 'm.room.name': 100 },
      },
    })
    await bob.join(oldRoom)
    await carol.join(oldRoom)
    expect((await upgrade(carol, oldRoom, '11')).body).toMatchObject({ errcode: 'M_FORBIDDEN' })
    const newRoom = await upgraded(bob, oldRoom, '11')
    const state = await stateOf(bob, newRoom)
    expect(contentAt(state, 'm.room.power_levels')).toMatchObject({
      users: { [alice.userId]: 100, [bob.userId]: 50, [carol.userId]: 20 },
      events: { 'm.room.tombstone': 50, 'm.room.name': 100 },
    })
  })

  it('of version 12 has creators without levels, who get some where versions know no such creators', async () => {
    const users = { [alice.userId]: 100, [bob.userId]: 100, [carol.userId]: 50 }
    const oldRoom = await alice.createRoom({
      preset: 'public_chat',
      room_version: '11',
      power_level_content_override: { users },
    })
    const newRoom = await upgraded(alice, oldRoom, '12', { additional_creators: [bob.userId] })
    const state = await stateOf(alice, newRoom)
    expect(contentAt(state, 'm.room.create')?.['additional_creators']).toEqual([bob.userId])
    expect(contentAt(state, 'm.room.power_levels')).toMatchObject({
      users: { [carol.userId]: 50 },
      events: { 'm.room.tombstone': 100 },
    })
    const back = await upgraded(alice, newRoom, '11')
    expect(contentAt(await stateOf(alice, back), 'm.room.power_levels')).toMatchObject({
      users: { [alice.userId]: 100, [bob.userId]: 100, [carol.userId]: 50 },
    })
  })

  it('falls back to rules that its version knows', async () => {
    const allow = [{ type: 'm.room_membership', room_id: '!space:here.test' }]
    const ruleAfter = async (rule: string, version: string) => {
      const content = { join_rule: rule, allow }
      const oldRoom = await alice.createRoom({
        room_version: '11',
        initial_state: [{ type: 'm.room.join_rules', content }],
      })
      const state = await stateOf(alice, await upgraded(alice, oldRoom, version))
      return contentAt(state, 'm.room.join_rules')?.['join_rule']
    }
    expect(await ruleAfter('knock_restricted', '12')).toBe('knock_restricted')
    expect(await ruleAfter('knock_restricted', '9')).toBe('restricted')
    expect(await ruleAfter('knock_restricted', '7')).toBe('invite')
    expect(await ruleAfter('restricted', '7')).toBe('invite')
    expect(await ruleAfter('knock', '6')).toBe('invite')
  })

  it('is made once for who asks twice at the same time', async () => {
    const oldRoom = await alice.createRoom()
    const [one, two] = await Promise.all([upgraded(alice, oldRoom, '11'), upgraded(alice, oldRoom, '11')])
    expect(one).toBe(two)
  })
})

describe('an upgrade', () => {
  it('is refused for what is no version and for who is not in the room, and leaves the room as it was', async () => {
    const roomId = await alice.createRoom({ room_version: '11' })
    expect((await upgrade(alice, roomId, 'x')).body).toMatchObject({ errcode: 'M_UNSUPPORTED_ROOM_VERSION' })
    expect((await upgrade(bob, roomId, '11')).body).toMatchObject({ errcode: 'M_FORBIDDEN' })
    expect((await upgrade(alice, '!none:here.test', '11')).status).toBe(403)
    const bad = await upgrade(alice, roomId, '12', { additional_creators: ['nobody'] })
    expect(bad.body).toMatchObject({ errcode: 'M_INVALID_PARAM' })
    expect((await stateOf(alice, roomId)).has('m.room.tombstone|')).toBe(false)
  })
})

function sendPath(roomId: string): string {
  return `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/send/m.room.message/x`
}
