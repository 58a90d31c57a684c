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

function setting(user: TestClient, type: string, content: Json): Promise<Json> {
  return user.call('PUT', `/user/${user.userId}/account_data/${type}`, content)
}

function ignore(user: TestClient, others: readonly TestClient[]): Promise<Json> {
  const entries = others.map(({ userId }) => [userId, {}] as const)
  return setting(user, 'm.ignored_user_list', { ignored_users: Object.fromEntries(entries) })
}

async function invitesOf(user: TestClient, since?: string): Promise<string[]> {
  const answer = await user.sync(since === undefined ? {} : { since })
  const rooms = answer['rooms'] as { readonly invite?: Json } | undefined
  return Object.keys(rooms?.invite ?? {})
}

describe('messages of ignored users', () => {
  it('are on no path of reading, while their state is', async () => {
    const roomId = await alice.createRoom({ preset: 'public_chat' })
    await bob.join(roomId)
    await carol.join(roomId)
    const seen = await carol.say(roomId, 'seen')
    const hidden = await bob.say(roomId, 'hidden')
    await ignore(alice, [bob])
    const { next_batch: since } = await alice.sync()
    const hiddenLater = await bob.say(roomId, 'hidden later')
    const topic = await alice.setState(roomId, 'm.room.topic', { topic: 't' })
    const name = await rename(bob, roomId)

    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}`
    const page = await alice.call('GET', `/rooms/${encodeURIComponent(roomId)}/messages?dir=b&limit=50`)
    const ids = (page['chunk'] as Json[]).map((event) => event['event_id'])
    expect(ids).toEqual(expect.arrayContaining([seen, topic, name]))
    expect(ids).not.toContain(hidden)
    expect(ids).not.toContain(hiddenLater)
    expect((await alice.request('GET', `${path}/event/${hidden}`)).status).toBe(404)
    expect((await alice.request('GET', `${path}/context/${hidden}`)).status).toBe(404)
    const around = await alice.call('GET', `/rooms/${encodeURIComponent(roomId)}/context/${seen}`)
    expect((around['events_after'] as Json[]).map((event) => event['event_id'])).toEqual([topic, name])
    const news = JSON.stringify(await alice.sync({ since: String(since) }))
    expect(news).toContain(name)
    expect(news).not.toContain(hiddenLater)
    expect(JSON.stringify(await alice.sync())).not.toContain(hidden)

    await ignore(alice, [])
    expect((await alice.request('GET', `${path}/event/${hidden}`)).status).toBe(200)
  })

  async function rename(user: TestClient, roomId: string): Promise<string> {
    const content = { membership: 'join', displayname: 'Robert' }
    return user.setState(roomId, 'm.room.member', content, user.userId)
  }
})

it('nobody loses sight of their own messages', async () => {
  const roomId = await alice.createRoom()
  await ignore(alice, [alice])
  const own = await alice.say(roomId, 'own')
  const path = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/event/${own}`
  expect((await alice.request('GET', path)).status).toBe(200)
  await ignore(alice, [])
})

describe('invites', () => {
  it('of ignored users are not shown', async () => {
    await ignore(alice, [bob])
    await bob.createRoom({ invite: [alice.userId] })
    expect(await invitesOf(alice)).toEqual([])
    await ignore(alice, [])
  })

  it('that came before the user took none are not shown while that holds', async () => {
    const dave = await server.register('dave')
    const roomId = await bob.createRoom({ invite: [dave.userId] })
    expect(await invitesOf(dave)).toEqual([roomId])
    await setting(dave, 'm.invite_permission_config', { default_action: 'block' })
    expect(await invitesOf(dave)).toEqual([])
    await setting(dave, 'm.invite_permission_config', {})
    expect(await invitesOf(dave)).toEqual([roomId])
  })

  it('are refused, or taken and not shown, by user and by server', async () => {
    const erin = await server.register('erin')
    const filter = 'org.matrix.msc4155.invite_permission_config'
    const rooms = await Promise.all([bob.createRoom(), carol.createRoom(), alice.createRoom()])
    await setting(erin, filter, {
      allowed_users: [carol.userId, null],
      ignored_users: ['@ali*:*'],
      blocked_servers: ['here.?est'],
    })
    const invite = (user: TestClient, roomId: string) =>
      user.request('POST', `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/invite`, {
        user_id: erin.userId,
      })
    expect((await invite(bob, rooms[0])).body['errcode']).toBe('M_INVITE_BLOCKED')
    const made = await bob.request('POST', '/_matrix/client/v3/createRoom', { invite: [erin.userId] })
    expect(made.body['errcode']).toBe('M_INVITE_BLOCKED')
    const member = `/_matrix/client/v3/rooms/${encodeURIComponent(rooms[0])}/state/m.room.member/${erin.userId}`
    const set = await bob.request('PUT', member, { membership: 'invite' })
    expect(set.body['errcode']).toBe('M_INVITE_BLOCKED')
    expect((await invite(carol, rooms[1])).status).toBe(200)
    expect((await invite(alice, rooms[2])).status).toBe(200)
    expect(await invitesOf(erin)).toEqual([rooms[1]])
  })
})
