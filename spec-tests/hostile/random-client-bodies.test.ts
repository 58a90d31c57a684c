import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { joinAsPeer } from '../../federation/test-support/peer-room.ts'
import type { TestClient } from '../support/test-client.ts'
import { expectSound } from './support/answers.ts'
import { clientBodies, queries, targets } from './support/hostile-values.ts'
import { HERE, hostileWorld, type HostileWorld } from './support/hostile-world.ts'
import { soundBodies, soundParameters, type Subjects } from './support/sound-requests.ts'

/** Enough that each part of a body is met by several values, few enough for every run of the tests. */
const RUNS_PER_ENDPOINT = 30
/** Nobody waits for anything in these requests: what takes this long hangs. */
const HANGING_MS = 20_000

let world: HostileWorld
let alice: TestClient
let count = 0

beforeAll(async () => {
  world = await hostileWorld()
})
afterAll(() => world.close())

/** A user and a room, of whom earlier requests have changed nothing. */
async function freshSubjects(): Promise<Subjects> {
  alice = await world.register(`alice${++count}`)
  const roomId = await alice.createRoom({ preset: 'public_chat', room_alias_name: `room${count}` })
  const bob = await joinAsPeer(world.peer, roomId, 'bob')
  const eventId = await alice.say(roomId, 'hello')
  const { userId, deviceId } = alice
  const since = String((await alice.sync())['next_batch'])
  const otherUserId = bob.userId
  return { userId, deviceId, otherUserId, roomId, roomAlias: `#room${count}:${HERE}`, eventId, since }
}

async function ask(method: string, target: string, body: string | undefined) {
  const response = await fetch(world.url + target, {
    method,
    headers: { authorization: `Bearer ${alice.token}` },
    signal: AbortSignal.timeout(HANGING_MS),
    ...(body !== undefined && method !== 'GET' && { body }),
  })
  return { status: response.status, text: await response.text() }
}

test('no endpoint fails or hangs, whatever clients send', async () => {
  const endpoints = world.endpoints.filter(({ pattern }) => !pattern.startsWith('/_matrix/federation/'))
  expect(endpoints.length).toBeGreaterThan(70)
  for (const { method, pattern } of endpoints) {
    const subjects = await freshSubjects()
    const sound = soundParameters(subjects)
    const bodies = clientBodies(soundBodies(subjects)[`${method} ${pattern}`] ?? {})
    await fc.assert(
      fc.asyncProperty(bodies, queries(sound), targets(pattern, sound), async (body, query, path) => {
        const target = `${path}?${query}`
        const { status, text } = await ask(method, target, body)
        expectSound(`${method} ${target} ${body}`, status, text)
      }),
      { numRuns: RUNS_PER_ENDPOINT },
    )
  }
  expect(world.takeFailures()).toEqual([])
}, 600_000)

test('and after all of it the server serves', async () => {
  await freshSubjects()
  const roomId = await alice.createRoom()
  const eventId = await alice.say(roomId, 'still here')
  const path = `/rooms/${encodeURIComponent(roomId)}/event/${encodeURIComponent(eventId)}`
  expect((await alice.call('GET', path))['content']).toEqual({ msgtype: 'm.text', body: 'still here' })
})
