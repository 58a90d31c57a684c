import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Json, TestClient } from '../../spec-tests/support/test-client.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'
import { CLOSE_CODES } from '../../homeserver/live/close-codes.ts'
import { goLive, LiveClient, textsIn } from './live-client.fixture.ts'

let server: TestServer
let alice: TestClient
let bob: TestClient
let roomId: string

beforeAll(async () => {
  server = await startTestServer({ live: { tickMs: 50, helloMs: 500, maxPerUser: 4 } })
  alice = await server.register('alice')
  bob = await server.register('bob')
  roomId = await alice.createRoom({ preset: 'public_chat' })
  await bob.join(roomId)
})
afterAll(() => server.close())

it('pushes what /sync would answer, as it happens', async () => {
  await alice.say(roomId, 'before')
  const live = await goLive(bob, { filter: { room: { timeline: { limit: 1 } } } })
  const first = await live.take()
  expect(textsIn(first, roomId)).toEqual(['before'])
  expect(first).toHaveProperty('device_one_time_keys_count')
  for (const text of ['one', 'two', 'three']) {
    await alice.say(roomId, text)
    expect(textsIn(await live.take(), roomId)).toEqual([text])
  }
  await alice.call('PUT', `/rooms/${encodeURIComponent(roomId)}/typing/${alice.userId}`, { typing: true })
  expect(JSON.stringify(await live.take())).toContain('"m.typing"')
  live.socket.close()
})

it('goes on after any gap from the last token, or from one of /sync', async () => {
  const { next_batch: since } = await bob.sync({ set_presence: 'offline' })
  const sent = Array.from({ length: 8 }, (_, index) => `missed ${index}`)
  for (const text of sent) await alice.say(roomId, text)
  const live = await goLive(bob, { since })
  const first = await live.next()
  expect(textsIn(first, roomId)).toEqual(sent)
  live.socket.close()
  await live.closed
  await alice.say(roomId, 'while away')
  const again = await goLive(bob, { since: first['next_batch'] })
  expect(textsIn(await again.take(), roomId)).toEqual(['while away'])
  again.socket.close()
  const unacknowledged = await goLive(bob, { since })
  expect(textsIn(await unacknowledged.take(), roomId)).toEqual([...sent, 'while away'])
  unacknowledged.socket.close()
})

it('answers at once where nothing is new, so that the client knows that it is heard', async () => {
  const { next_batch: since } = await bob.sync({ set_presence: 'offline' })
  const live = await goLive(bob, { since })
  expect((await live.take())['next_batch']).toBe(since)
  live.socket.close()
})

it('gives two sockets of one device all of it each', async () => {
  const { next_batch: since } = await bob.sync({ set_presence: 'offline' })
  const sockets = await Promise.all([goLive(bob, { since }), goLive(bob, { since })])
  await Promise.all(sockets.map((live) => live.take()))
  await alice.say(roomId, 'for both')
  for (const live of sockets) expect(textsIn(await live.take(), roomId)).toEqual(['for both'])
  sockets.forEach(({ socket }) => socket.close())
  await Promise.all(sockets.map(({ closed }) => closed))
})

it.each<[string, unknown, number, string]>([
  ['no JSON', 'hello', CLOSE_CODES.badFrame, 'M_NOT_JSON'],
  ['a list', [], CLOSE_CODES.badFrame, 'M_BAD_JSON'],
  ['no token', {}, CLOSE_CODES.badFrame, 'M_MISSING_PARAM'],
  ['an unknown token', { access_token: 'x' }, CLOSE_CODES.unauthorized, 'M_UNKNOWN_TOKEN'],
])('refuses a first frame with %s', async (_, frame, code, reason) => {
  const live = new LiveClient(server.url)
  await live.send(frame)
  expect(await live.closed).toEqual({ code, reason })
})

it.each<[Json, string]>([
  [{ since: 'x' }, 'M_INVALID_PARAM'],
  [{ since: 's999999999_epoch.0' }, 'M_INVALID_PARAM'],
  [{ filter: { room: 7 } }, 'M_BAD_JSON'],
  [{ filter: '77' }, 'M_INVALID_PARAM'],
  [{ set_presence: 'busy' }, 'M_INVALID_PARAM'],
])('refuses %j', async (hello, reason) => {
  const live = await goLive(bob, hello)
  expect(await live.closed).toEqual({ code: CLOSE_CODES.badFrame, reason })
})

it('waits for the first frame for a short time only, and takes none that is too large', async () => {
  const silent = new LiveClient(server.url)
  const large = await goLive(bob, { filter: 'x'.repeat(70_000) })
  const binary = new LiveClient(server.url)
  await binary.opened
  binary.socket.send(Buffer.from('{}'), { binary: true })
  expect((await silent.closed).code).toBe(CLOSE_CODES.helloMissing)
  expect((await large.closed).code).toBe(1009)
  expect((await binary.closed).code).toBe(CLOSE_CODES.badFrame)
})

it('takes only acknowledgements of frames that it sent on this socket', async () => {
  const foreign = await alice.sync({ set_presence: 'offline' })
  const live = await goLive(bob)
  await live.take()
  await live.send({ ack: foreign['next_batch'] })
  expect(await live.closed).toEqual({ code: CLOSE_CODES.badFrame, reason: 'M_INVALID_PARAM' })
})

it('ends with the session', async () => {
  const carol = await server.register('carol')
  const live = await goLive(carol)
  await live.take()
  await carol.call('POST', '/logout', {})
  expect(await live.closed).toEqual({ code: CLOSE_CODES.unauthorized, reason: 'M_UNKNOWN_TOKEN' })
})

it('gives one user so many sockets and no more', async () => {
  const dave = await server.register('dave')
  const sockets = await Promise.all(Array.from({ length: 4 }, () => goLive(dave)))
  await Promise.all(sockets.map((live) => live.take()))
  const tooMany = await goLive(dave)
  expect((await tooMany.closed).code).toBe(CLOSE_CODES.tooMany)
  sockets[0]!.socket.close()
  await sockets[0]!.closed
  await expect.poll(async () => (await goLive(dave)).next().then(Boolean, () => false)).toBe(true)
  sockets.forEach(({ socket }) => socket.terminate())
})

it('shows its user for as long as it is open', async () => {
  const path = `/presence/${encodeURIComponent(bob.userId)}/status`
  const live = await goLive(bob, { set_presence: 'online' })
  await live.take()
  expect(await alice.call('GET', path)).toMatchObject({ presence: 'online' })
  live.socket.close()
})

it('is there for WebSockets alone', async () => {
  const plain = await fetch(`${server.url}/_matrix/client/unstable/dev.meridian/live`)
  expect(plain.status).toBe(404)
  const { body } = await alice.request('GET', '/_matrix/client/versions')
  expect(body['unstable_features']).toMatchObject({ 'dev.meridian.live': true })
})
