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

function post(client: TestClient, roomId: string, action: string, body: unknown = {}) {
  return client.request('POST', `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/${action}`, body)
}

async function outcome(client: TestClient, roomId: string, action: string, body: unknown = {}) {
  const answer = await post(client, roomId, action, body)
  return answer.status === 200 ? 200 : [answer.status, answer.body['errcode']]
}

async function memberOf(client: TestClient, roomId: string, userId: string): Promise<Json> {
  return client.call('GET', `/rooms/${encodeURIComponent(roomId)}/state/m.room.member/${userId}`)
}

const FORBIDDEN = [403, 'M_FORBIDDEN']

describe('memberships', () => {
  it('go from invite to join to leave, and are forgotten then', async () => {
    const roomId = await alice.createRoom()
    expect(await outcome(bob, roomId, 'join')).toEqual(FORBIDDEN)
    expect(await outcome(bob, roomId, 'invite', { user_id: carol.userId })).toEqual(FORBIDDEN)
    expect(await outcome(alice, roomId, 'invite', { user_id: bob.userId, reason: 'why' })).toBe(200)
    expect(await memberOf(alice, roomId, bob.userId)).toEqual({ membership: 'invite', reason: 'why' })
    expect(await bob.join(roomId)).toBe(roomId)
    expect(await outcome(alice, roomId, 'invite', { user_id: bob.userId })).toEqual(FORBIDDEN)
    expect((await bob.call('GET', '/joined_rooms'))['joined_rooms']).toEqual([roomId])
    expect(await outcome(bob, roomId, 'forget')).toEqual([400, 'M_UNKNOWN'])
    expect(await outcome(bob, roomId, 'leave', { reason: 'enough' })).toBe(200)
    expect(await outcome(bob, roomId, 'leave')).toBe(200)
    expect(await memberOf(alice, roomId, bob.userId)).toEqual({ membership: 'leave', reason: 'enough' })
    expect((await bob.state(roomId)).length).toBeGreaterThan(3)
    expect(await outcome(bob, roomId, 'forget')).toBe(200)
    expect((await bob.request('GET', `/_matrix/client/v3/rooms/${roomId}/state`)).status).toBe(403)
  })

  it('kick, ban and unban', async () => {
    const roomId = await alice.createRoom({ preset: 'public_chat' })
    const target = { user_id: bob.userId }
    expect(await outcome(alice, roomId, 'kick', target)).toEqual(FORBIDDEN)
    await bob.join(roomId)
    expect(await outcome(bob, roomId, 'kick', { user_id: alice.userId })).toEqual(FORBIDDEN)
    expect(await outcome(alice, roomId, 'unban', target)).toEqual(FORBIDDEN)
    expect(await outcome(alice, roomId, 'kick', { ...target, reason: 'r' })).toBe(200)
    expect(await memberOf(alice, roomId, bob.userId)).toEqual({ membership: 'leave', reason: 'r' })
    expect(await outcome(alice, roomId, 'ban', target)).toBe(200)
    expect(await outcome(bob, roomId, 'join')).toEqual(FORBIDDEN)
    expect(await outcome(alice, roomId, 'unban', target)).toBe(200)
    expect(await outcome(bob, roomId, 'join')).toBe(200)
  })

  it('knocks where the room takes them', async () => {
    const closed = await alice.createRoom()
    const knock = (roomId: string) =>
      bob.request('POST', `/_matrix/client/v3/knock/${encodeURIComponent(roomId)}`, { reason: 'please' })
    expect((await knock(closed)).status).toBe(403)
    const open = await alice.createRoom({
      initial_state: [{ type: 'm.room.join_rules', content: { join_rule: 'knock' } }],
    })
    expect((await knock(open)).body).toEqual({ room_id: open })
    expect(await memberOf(alice, open, bob.userId)).toEqual({ membership: 'knock', reason: 'please' })
    expect(await outcome(alice, open, 'invite', { user_id: bob.userId })).toBe(200)
    expect(await outcome(bob, open, 'join')).toBe(200)
  })

  it('joins a restricted room from the room that it names, in the name of one who may invite', async () => {
    const space = await alice.createRoom({ preset: 'public_chat' })
    const allow = [{ type: 'm.room_membership', room_id: space }]
    const roomId = await alice.createRoom({
      initial_state: [{ type: 'm.room.join_rules', content: { join_rule: 'restricted', allow } }],
      power_level_content_override: { invite: 50 },
    })
    expect(await outcome(bob, roomId, 'join')).toEqual(FORBIDDEN)
    await bob.join(space)
    expect(await outcome(bob, roomId, 'join')).toBe(200)
    expect(await memberOf(alice, roomId, bob.userId)).toEqual({
      membership: 'join',
      join_authorised_via_users_server: alice.userId,
    })
    await bob.say(roomId, 'in')
  })

  it('joins nobody to a restricted room in the name of whom they say', async () => {
    const allow = [{ type: 'm.room_membership', room_id: await alice.createRoom() }]
    const content = { join_rule: 'restricted', allow }
    const roomId = await alice.createRoom({ initial_state: [{ type: 'm.room.join_rules', content }] })
    const claim = { membership: 'join', join_authorised_via_users_server: alice.userId }
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/state/m.room.member/`
    expect((await bob.request('PUT', path + bob.userId, claim)).status).toBe(403)
    const own = { ...claim, displayname: 'Alice', join_authorised_via_users_server: 'unused' }
    expect((await alice.request('PUT', path + alice.userId, own)).status).toBe(200)
    expect(await memberOf(alice, roomId, alice.userId)).toEqual({ membership: 'join', displayname: 'Alice' })
  })

  it('keep what clients put into them, but for what is the server’s to say', async () => {
    const roomId = await alice.createRoom({ preset: 'public_chat' })
    const content = { foo: 'bar', membership: 'ban', join_authorised_via_users_server: alice.userId }
    expect(await outcome(bob, roomId, 'join', { ...content, reason: 1 })).toEqual([400, 'M_BAD_JSON'])
    expect(await outcome(bob, roomId, 'join', '{"foo":1.5}')).toEqual([400, 'M_BAD_JSON'])
    expect(await outcome(bob, roomId, 'join', content)).toBe(200)
    expect(await memberOf(alice, roomId, bob.userId)).toEqual({ membership: 'join', foo: 'bar' })
  })

  it('refuses an invite', async () => {
    const roomId = await alice.createRoom({ invite: [bob.userId] })
    expect(await outcome(bob, roomId, 'leave')).toBe(200)
    expect((await bob.request('GET', `/_matrix/client/v3/rooms/${roomId}/state`)).status).toBe(403)
    expect(await outcome(bob, roomId, 'join')).toEqual(FORBIDDEN)
  })

  it('does not invite those who take no invites', async () => {
    const dave = await server.register('dave')
    await dave.call('PUT', `/user/${dave.userId}/account_data/m.invite_permission_config`, {
      default_action: 'block',
    })
    const roomId = await alice.createRoom()
    expect(await outcome(alice, roomId, 'invite', { user_id: dave.userId })).toEqual([
      403,
      'M_INVITE_BLOCKED',
    ])
  })

  it('answers for rooms that it does not know as the specification says', async () => {
    const unknown = `!${'a'.repeat(43)}`
    expect(await outcome(alice, unknown, 'join')).toEqual([404, 'M_NOT_FOUND'])
    expect(await outcome(alice, unknown, 'leave')).toEqual(FORBIDDEN)
    expect(await outcome(alice, unknown, 'kick', { user_id: bob.userId })).toEqual(FORBIDDEN)
    expect(await outcome(alice, unknown, 'forget')).toEqual([404, 'M_NOT_FOUND'])
    expect(await outcome(alice, 'no-room', 'join')).toEqual([400, 'M_INVALID_PARAM'])
    expect((await alice.request('POST', '/_matrix/client/v3/join/nothing', {})).status).toBe(400)
    const alias = encodeURIComponent('#nothing:here.test')
    expect((await alice.request('POST', `/_matrix/client/v3/join/${alias}`, {})).status).toBe(404)
  })

  it('shows the profile of members, and its changes', async () => {
    const erin = await server.register('erin')
    const profile = `/profile/${erin.userId}`
    await erin.call('PUT', `${profile}/displayname`, { displayname: 'Erin' })
    const roomId = await erin.createRoom({ preset: 'public_chat' })
    expect(await memberOf(erin, roomId, erin.userId)).toEqual({ membership: 'join', displayname: 'Erin' })
    await erin.call('PUT', `${profile}/avatar_url`, { avatar_url: 'mxc://here.test/a' })
    const joined = await erin.call('GET', `/rooms/${encodeURIComponent(roomId)}/joined_members`)
    expect(joined['joined']).toEqual({
      [erin.userId]: { display_name: 'Erin', avatar_url: 'mxc://here.test/a' },
    })
  })
})

describe('members', () => {
  it('are listed by membership', async () => {
    const roomId = await alice.createRoom({ preset: 'public_chat', invite: [carol.userId] })
    await bob.join(roomId)
    const list = async (query: string) => {
      const answer = await alice.call('GET', `/rooms/${encodeURIComponent(roomId)}/members?${query}`)
      return (answer['chunk'] as Json[]).map((event) => event['state_key'])
    }
    expect(await list('')).toEqual([alice.userId, carol.userId, bob.userId])
    expect(await list('membership=join')).toEqual([alice.userId, bob.userId])
    expect(await list('not_membership=join')).toEqual([carol.userId])
    expect((await alice.request('GET', `/_matrix/client/v3/rooms/${roomId}/members?at=x`)).status).toBe(400)
  })

  it('are hidden from others', async () => {
    const roomId = await alice.createRoom()
    for (const what of ['members', 'joined_members', 'state', 'state/m.room.create/', 'aliases']) {
      expect((await bob.request('GET', `/_matrix/client/v3/rooms/${roomId}/${what}`)).status).toBe(403)
    }
  })
})

describe('accounts that are closed', () => {
  it('leave their rooms', async () => {
    const frank = await server.register('frank')
    const roomId = await frank.createRoom({ preset: 'public_chat' })
    await bob.join(roomId)
    const invited = await bob.createRoom({ invite: [frank.userId] })
    const auth = {
      type: 'm.login.password',
      identifier: { type: 'm.id.user', user: 'frank' },
      password: 'correct horse battery',
    }
    await frank.call('POST', '/account/deactivate', { auth })
    for (const room of [roomId, invited]) {
      await expect
        .poll(() => memberOf(bob, room, frank.userId), { timeout: 20_000 })
        .toEqual({ membership: 'leave' })
    }
  })
})
