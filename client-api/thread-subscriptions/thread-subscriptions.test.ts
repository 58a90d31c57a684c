import { afterAll, beforeAll, expect, it } from 'vitest'
import { pusherFor, startPushGateway, type PushGateway } from '../../spec-tests/support/push-gateway.ts'
import type { Json, TestClient } from '../../spec-tests/support/test-client.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'
import { slide } from '../sliding-sync/sliding-client.fixture.ts'

const EXTENSION = 'io.element.msc4308.thread_subscriptions'
const UNSTABLE = '/_matrix/client/unstable'
const SUBSCRIBED_RULE = '.io.element.msc4306.rule.subscribed_thread'

let server: TestServer
let gateway: PushGateway
let alice: TestClient
let bob: TestClient
let roomId: string

beforeAll(async () => {
  gateway = await startPushGateway()
  server = await startTestServer({
    config: {
      enable_thread_subscriptions: true,
      push: { allow_insecure_gateways: true, quiet_while_active: '0s', group_interval: '0s' },
    },
  })
  alice = await server.register('alice')
  bob = await server.register('bob')
  roomId = await alice.createRoom({ preset: 'public_chat' })
  await bob.join(roomId)
})
afterAll(async () => {
  await server.close()
  await gateway.close()
})

const path = (root: string, room = roomId): string =>
  `${UNSTABLE}/io.element.msc4306/rooms/${encodeURIComponent(room)}/thread/${encodeURIComponent(root)}/subscription`

async function act(user: TestClient, method: string, root: string, body?: Json): Promise<unknown> {
  const answer = await user.request(method, path(root), body)
  return answer.status === 200 ? answer.body : (answer.body['errcode'] ?? answer.status)
}
const subscribe = (user: TestClient, root: string, automatic?: string): Promise<unknown> =>
  act(user, 'PUT', root, automatic === undefined ? {} : { automatic })

const reply = (root: string, body = 'reply', mentions: Json = {}): Promise<string> =>
  alice.send(roomId, 'm.room.message', {
    msgtype: 'm.text',
    body,
    'm.mentions': mentions,
    'm.relates_to': { rel_type: 'm.thread', event_id: root },
  })

it('a user follows a thread, by hand or of the client’s own accord, and leaves it', async () => {
  const root = await alice.say(roomId, 'root')
  expect(await act(bob, 'GET', root)).toBe('M_NOT_FOUND')
  expect(await act(bob, 'DELETE', root)).toEqual({})
  expect(await subscribe(bob, root, await reply(root))).toEqual({})
  expect(await act(bob, 'GET', root)).toEqual({ automatic: true })
  expect(await act(alice, 'GET', root)).toBe('M_NOT_FOUND')
  expect(await subscribe(bob, root)).toEqual({})
  expect(await act(bob, 'GET', root)).toEqual({ automatic: false })
  expect(await subscribe(bob, root, await reply(root))).toEqual({})
  expect(await act(bob, 'GET', root)).toEqual({ automatic: false })
  expect(await act(bob, 'DELETE', root)).toEqual({})
  expect(await act(bob, 'GET', root)).toBe('M_NOT_FOUND')
})

it('a client that missed that its user left does not bring them back', async () => {
  const root = await alice.say(roomId, 'root')
  const before = await reply(root)
  await subscribe(bob, root, before)
  const unseen = await reply(root)
  await act(bob, 'DELETE', root)
  const after = await reply(root)
  const conflict = 'IO.ELEMENT.MSC4306.M_CONFLICTING_UNSUBSCRIPTION'
  expect(await subscribe(bob, root, before)).toBe(conflict)
  expect(await subscribe(bob, root, unseen)).toBe(conflict)
  expect(await act(bob, 'GET', root)).toBe('M_NOT_FOUND')
  expect(await subscribe(bob, root, after)).toEqual({})
  await act(bob, 'DELETE', root)
  expect(await subscribe(bob, root)).toEqual({})
})

it('only what the user sees, and events of the thread, are taken', async () => {
  const root = await alice.say(roomId, 'root')
  const other = await alice.say(roomId, 'other root')
  const notInThread = 'IO.ELEMENT.MSC4306.M_NOT_IN_THREAD'
  expect(await subscribe(bob, root, root)).toBe(notInThread)
  expect(await subscribe(bob, root, await reply(other))).toBe(notInThread)
  expect(await subscribe(bob, root, '$unknown')).toBe('M_NOT_FOUND')
  expect(await subscribe(bob, '$unknown')).toBe('M_NOT_FOUND')
  expect(await subscribe(bob, 'no event id')).toBe('M_INVALID_PARAM')
  expect(await act(bob, 'PUT', root, { automatic: 1 })).toBe('M_INVALID_PARAM')
  const stranger = await server.register('stranger')
  for (const method of ['GET', 'PUT', 'DELETE']) {
    const answer = await stranger.request(method, path(root), method === 'PUT' ? {} : undefined)
    expect(answer.body['errcode'], method).toBe('M_NOT_FOUND')
  }
  const elsewhere = await bob.createRoom()
  expect((await bob.request('PUT', path(root, elsewhere), {})).status).toBe(404)
})

it('what is done at once ends as one of it, and each thread is told once', async () => {
  const user = await server.register('hasty')
  await user.join(roomId)
  const root = await alice.say(roomId, 'root')
  const cause = await reply(root)
  await Promise.all([subscribe(user, root, cause), subscribe(user, root), subscribe(user, root, cause)])
  expect(await act(user, 'GET', root)).toEqual({ automatic: false })
})

interface Threads {
  readonly subscribed?: Readonly<Record<string, Readonly<Record<string, { readonly bump_stamp: number }>>>>
  readonly unsubscribed?: Readonly<Record<string, Readonly<Record<string, { readonly bump_stamp: number }>>>>
  readonly prev_batch?: string
  readonly end?: string
}

it('sliding sync tells the newest, and the rest is paged to', async () => {
  const user = await server.register('slider')
  await user.join(roomId)
  const body = { conn_id: 'threads', extensions: { [EXTENSION]: { enabled: true, limit: 2 } } }
  const start = await slide(user, body)
  expect(start.extensions[EXTENSION]).toEqual({})
  const waiting = slide(user, body, start.pos, 20_000)
  const roots = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => alice.say(roomId, name)))
  await subscribe(user, roots[0]!)
  const woken = await waiting
  expect(woken.extensions[EXTENSION]).toEqual({
    subscribed: { [roomId]: { [roots[0]!]: { automatic: false, bump_stamp: expect.any(Number) as number } } },
  })
  for (const root of roots.slice(1)) await subscribe(user, root)
  await act(user, 'DELETE', roots[4]!)
  const next = await slide(user, body, woken.pos)
  const told = next.extensions[EXTENSION] as Threads
  expect(Object.keys(told.subscribed![roomId]!)).toEqual([roots[3]])
  expect(Object.keys(told.unsubscribed![roomId]!)).toEqual([roots[4]])
  const page = async (query: Record<string, string>): Promise<Threads> => {
    const list = `${UNSTABLE}/io.element.msc4308/thread_subscriptions`
    return (await user.request('GET', `${list}?${new URLSearchParams(query)}`)).body
  }
  const missed = { dir: 'b', from: told.prev_batch!, to: woken.pos, limit: '1' }
  const first = await page(missed)
  expect(Object.keys(first.subscribed![roomId]!)).toEqual([roots[2]])
  const second = await page({ ...missed, from: first.end! })
  expect(Object.keys(second.subscribed![roomId]!)).toEqual([roots[1]])
  expect([second.end, second.unsubscribed]).toEqual([undefined, undefined])
  // Who begins anew is told of what is followed, with nothing of what was left.
  const whole = (await slide(user, { ...body, conn_id: 'new' })).extensions[EXTENSION] as Threads
  expect([Object.keys(whole.subscribed![roomId]!), whole.unsubscribed]).toEqual([
    [roots[3], roots[2]],
    undefined,
  ])
  expect(Object.keys((await page({ dir: 'b' })).subscribed![roomId]!)).toHaveLength(4)
  expect((await slide(user, body, next.pos)).extensions[EXTENSION]).toEqual({})
})

it.each([
  ['dir=f', 400],
  ['', 400],
  ['dir=b&limit=0', 400],
  ['dir=b&limit=x', 400],
  ['dir=b&from=s1_x.1', 400],
  ['dir=b&to=nonsense', 400],
  ['dir=b&limit=100000', 200],
])('the list is asked with %j: %i', async (query, status) => {
  const answer = await bob.request('GET', `${UNSTABLE}/io.element.msc4308/thread_subscriptions?${query}`)
  expect(answer.status).toBe(status)
})

/** The bodies of what a user has been notified of in the room, oldest first. */
async function notified(user: TestClient): Promise<unknown[]> {
  const { notifications } = await user.call('GET', '/notifications?limit=50')
  const events = (notifications as { readonly event: { readonly content: Json } }[]).map(({ event }) => event)
  return events.map(({ content }) => content['body']).reverse()
}

it('threads notify those alone who follow them, and whom they mention', async () => {
  const [follower, muting, other] = await Promise.all(
    ['follower', 'muting', 'other'].map(async (name) => {
      const user = await server.register(name)
      await user.join(roomId)
      await user.call('POST', '/pushers/set', pusherFor(gateway, name))
      return user
    }),
  )
  // A rule about the room stands below those about threads.
  const muted = `/pushrules/global/room/${encodeURIComponent(roomId)}`
  await muting!.call('PUT', muted, { actions: [] })
  const root = await alice.say(roomId, 'root')
  await subscribe(follower!, root)
  await subscribe(muting!, root)
  await reply(root, 'in the thread')
  await reply(root, 'for other', { user_ids: [other!.userId] })
  const end = await alice.say(roomId, 'end')
  expect(await notified(follower!)).toEqual(['root', 'in the thread', 'for other', 'end'])
  expect(await notified(muting!)).toEqual(['in the thread', 'for other'])
  expect(await notified(other!)).toEqual(['root', 'for other', 'end'])
  const unread = async (user: TestClient): Promise<unknown> => {
    const filter = JSON.stringify({ room: { timeline: { unread_thread_notifications: true } } })
    const rooms = (await user.sync({ filter }))['rooms'] as { join: Record<string, Json> }
    const threads = rooms.join[roomId]!['unread_thread_notifications'] as Record<string, Json> | undefined
    return threads?.[root]?.['notification_count'] ?? 0
  }
  expect(await Promise.all([follower!, muting!, other!].map(unread))).toEqual([2, 2, 1])
  await gateway.told('follower', end)
  await gateway.told('other', end)
  const pushed = async (key: string): Promise<unknown[]> =>
    (await gateway.eventsOf(key)).map(({ content }) => (content as Json)['body'])
  expect(await pushed('follower')).toEqual(['root', 'in the thread', 'for other', 'end'])
  expect(await pushed('muting')).toEqual(['in the thread', 'for other'])
  expect(await pushed('other')).toEqual(['root', 'for other', 'end'])
})

it('the rules are there to be seen and changed, not to be added to', async () => {
  const rule = `/pushrules/global/postcontent/${SUBSCRIBED_RULE}`
  expect(await bob.call('GET', rule)).toMatchObject({ default: true, actions: ['notify', expect.anything()] })
  await bob.call('PUT', `${rule}/enabled`, { enabled: false })
  expect(await bob.call('GET', `${rule}/enabled`)).toEqual({ enabled: false })
  await bob.call('PUT', `${rule}/enabled`, { enabled: true })
  const own = '/_matrix/client/v3/pushrules/global/postcontent/mine'
  expect((await bob.request('PUT', own, { actions: [] })).body['errcode']).toBe('M_INVALID_PARAM')
  expect((await bob.request('DELETE', own)).status).toBe(404)
  const features = (await bob.request('GET', '/_matrix/client/versions')).body['unstable_features']
  expect(features).toMatchObject({ 'org.matrix.msc4306': true })
})

it('nothing of it is there where it is switched off', async () => {
  const plain = await startTestServer()
  try {
    const carol = await plain.register('carol')
    const room = await carol.createRoom()
    const root = await carol.say(room, 'root')
    expect((await carol.request('PUT', path(root, room), {})).body['errcode']).toBe('M_UNRECOGNIZED')
    expect(Object.keys((await carol.call('GET', '/pushrules/'))['global'] as Json)).not.toContain(
      'postcontent',
    )
    const rule = `/_matrix/client/v3/pushrules/global/postcontent/${SUBSCRIBED_RULE}`
    expect((await carol.request('GET', rule)).status).toBe(404)
    expect(JSON.stringify(await carol.sync())).not.toContain('msc4306')
    const features = (await carol.request('GET', '/_matrix/client/versions')).body['unstable_features']
    expect(features).not.toHaveProperty(['org.matrix.msc4306'])
  } finally {
    await plain.close()
  }
})
