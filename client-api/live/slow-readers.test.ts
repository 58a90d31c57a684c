import { afterEach, expect, it } from 'vitest'
import { CLOSE_CODES } from '../../homeserver/live/close-codes.ts'
import type { LiveSettings } from '../../homeserver/live/live-settings.ts'
import { eventually } from '../../spec-tests/support/eventually.ts'
import type { TestClient } from '../../spec-tests/support/test-client.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'
import { goLive, LiveClient, textsIn } from './live-client.fixture.ts'

let server: TestServer | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

async function start(
  live: Partial<LiveSettings>,
): Promise<{ alice: TestClient; bob: TestClient; roomId: string }> {
  server = await startTestServer({ live: { tickMs: 20, ...live } })
  const alice = await server.register('alice')
  const bob = await server.register('bob')
  const roomId = await alice.createRoom({ preset: 'public_chat' })
  await bob.join(roomId)
  return { alice, bob, roomId }
}

it('a slow reader gets fewer frames, without what passes, and misses nothing', async () => {
  const { alice, bob, roomId } = await start({ sheddingAt: 2, maxUnacknowledged: 3 })
  const live = await goLive(bob, { filter: { room: { timeline: { limit: 50 } } } })
  const frames = [await live.next()]
  await alice.say(roomId, 'first')
  frames.push(await live.next())
  const typing = `/rooms/${encodeURIComponent(roomId)}/typing/${alice.userId}`
  await alice.call('PUT', typing, { typing: true, timeout: 60_000 })
  const texts = Array.from({ length: 12 }, (_, index) => `message ${index}`)
  for (const text of texts) await alice.say(roomId, text)
  frames.push(await live.next())
  expect(JSON.stringify(frames[2])).not.toContain('m.typing')
  const got = textsIn(frames[2]!, roomId)
  expect(got.length).toBeLessThan(texts.length)
  expect(live.frames).toEqual([])
  await live.send({ ack: frames[2]!['next_batch'] })
  const rest = await live.next()
  expect([...got, ...textsIn(rest, roomId)]).toEqual(texts)
  const behind = [rest, ...live.frames]
  await eventually('who is typing, once there is time', () => {
    behind.push(...live.frames.splice(0))
    return behind.some((frame) => JSON.stringify(frame).includes('m.typing'))
  })
  live.socket.terminate()
})

it('one that acknowledges nothing is sent away to resume, and then misses nothing', async () => {
  const { alice, bob, roomId } = await start({ maxDelayMs: 200, maxUnacknowledged: 2 })
  const live = await goLive(bob)
  const first = await live.next()
  for (const text of ['one', 'two', 'three']) await alice.say(roomId, text)
  expect((await live.closed).code).toBe(CLOSE_CODES.resume)
  const again = await goLive(bob, { since: first['next_batch'] })
  expect(textsIn(await again.take(), roomId)).toEqual(['one', 'two', 'three'])
  again.socket.terminate()
})

it('a dead peer is cut off, and a silent one that answers pings is not', async () => {
  const { bob } = await start({ pingMs: 30, deadMs: 400, maxDelayMs: 60_000 })
  const dead = new LiveClient(bob.url, { autoPong: false })
  await dead.send({ access_token: bob.token })
  const silent = await goLive(bob)
  await Promise.all([dead.take(), silent.take()])
  expect((await dead.closed).code).toBe(1006)
  expect(silent.socket.readyState).toBe(silent.socket.OPEN)
  silent.socket.terminate()
})

it('a server that stops tells its clients to resume', async () => {
  const { bob } = await start({})
  const sockets = await Promise.all([goLive(bob), goLive(bob)])
  await Promise.all(sockets.map((live) => live.take()))
  const stopped = server!.close()
  server = undefined
  for (const live of sockets) expect((await live.closed).code).toBe(CLOSE_CODES.resume)
  await stopped
})

it('one that floods with pings is cut off', async () => {
  const { bob } = await start({ tickMs: 1_000, maxPings: 10 })
  const live = await goLive(bob)
  await live.take()
  for (let count = 0; count < 50; count++) live.socket.ping()
  expect((await live.closed).code).toBe(1006)
})
