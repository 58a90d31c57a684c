import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestAnswer, TestClient } from '../../spec-tests/support/test-client.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'

let server: TestServer
let alice: TestClient
let bob: TestClient

beforeAll(async () => {
  server = await startTestServer()
  alice = await server.register('alice')
  bob = await server.register('bob')
})
afterAll(() => server.close())

function jump(user: TestClient, roomId: string, query: Record<string, string>): Promise<TestAnswer> {
  const path = `/_matrix/client/v1/rooms/${encodeURIComponent(roomId)}/timestamp_to_event`
  return user.request('GET', `${path}?${new URLSearchParams(query)}`)
}

/** A time that no event shares. */
async function quietMoment(): Promise<string> {
  await delay(3)
  const moment = String(Date.now())
  await delay(3)
  return moment
}

test('finds the nearest event on either side of a time', async () => {
  const before = await quietMoment()
  const roomId = await alice.createRoom()
  const middle = await quietMoment()
  const first = await alice.say(roomId, 'first')
  await alice.say(roomId, 'second')
  const third = await alice.say(roomId, 'third')
  const after = await quietMoment()
  expect((await jump(alice, roomId, { ts: middle, dir: 'f' })).body).toMatchObject({ event_id: first })
  const found = await jump(alice, roomId, { ts: after, dir: 'b' })
  expect(found.body).toEqual({ event_id: third, origin_server_ts: expect.any(Number) })
  const exactly = String(found.body['origin_server_ts'])
  expect((await jump(alice, roomId, { ts: exactly, dir: 'b' })).body).toMatchObject({ event_id: third })
  for (const nothing of [
    { ts: before, dir: 'b' },
    { ts: after, dir: 'f' },
  ]) {
    expect(await jump(alice, roomId, nothing)).toMatchObject({
      status: 404,
      body: { errcode: 'M_NOT_FOUND' },
    })
  }
})

test('passes over what the user may not see', async () => {
  const roomId = await alice.createRoom({
    preset: 'public_chat',
    initial_state: [{ type: 'm.room.history_visibility', content: { history_visibility: 'joined' } }],
  })
  const start = await quietMoment()
  for (let index = 0; index < 60; index++) await alice.say(roomId, `before ${index}`)
  const path = `/_matrix/client/v1/rooms/${encodeURIComponent(roomId)}/timestamp_to_event?ts=${start}&dir=f`
  expect((await bob.request('GET', path)).status).toBe(403)
  await bob.join(roomId)
  const { body } = await bob.request('GET', path)
  const joined = await bob.call('GET', `/rooms/${roomId}/state/m.room.member/${bob.userId}?format=event`)
  expect(body['event_id']).toBe(joined['event_id'])
})

test.each<[Record<string, string>, string]>([
  [{ dir: 'b' }, 'M_MISSING_PARAM'],
  [{ ts: '1' }, 'M_MISSING_PARAM'],
  [{ ts: '-1', dir: 'b' }, 'M_INVALID_PARAM'],
  [{ ts: '9007199254740993', dir: 'b' }, 'M_INVALID_PARAM'],
  [{ ts: '1', dir: 'x' }, 'M_INVALID_PARAM'],
])('refuses %o', async (query, errcode) => {
  const roomId = await alice.createRoom()
  expect(await jump(alice, roomId, query)).toMatchObject({ status: 400, body: { errcode } })
})
