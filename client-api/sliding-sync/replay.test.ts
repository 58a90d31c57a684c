import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Json, TestClient } from '../../spec-tests/support/test-client.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'
import { slide, type SlidingAnswer, type SlidingEvent } from './sliding-client.fixture.ts'

const ROOMS = 3
const TYPES = ['m.room.topic', 'm.room.name']

/** What happens: somebody does something in a room, or the client polls. */
type Step =
  | { readonly kind: 'say' | 'rename' | 'topic' | 'name'; readonly room: number; readonly by: number }
  | { readonly kind: 'poll'; readonly rules: Rules; readonly lost: boolean }

interface Rules {
  readonly last: number
  readonly limit: number
  readonly types: readonly string[]
  readonly subscribed: readonly number[]
}

let server: TestServer
let users: TestClient[]
let rooms: string[]

beforeAll(async () => {
  server = await startTestServer()
  users = await Promise.all(['alice', 'bob'].map((name) => server.register(name)))
  rooms = []
  for (let index = 0; index < ROOMS; index++) {
    rooms.push(await users[0]!.createRoom({ preset: 'trusted_private_chat', invite: [users[1]!.userId] }))
    await users[1]!.join(rooms[index]!)
  }
})
afterAll(() => server.close())

const room = fc.nat(ROOMS - 1)
const rules: fc.Arbitrary<Rules> = fc.record({
  last: fc.nat(ROOMS - 1),
  limit: fc.constantFrom(1, 2, 5),
  types: fc.subarray(TYPES),
  subscribed: fc.subarray(Array.from({ length: ROOMS }, (_, index) => index)),
})
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('say', 'say', 'rename', 'topic', 'name'),
    room,
    by: fc.nat(1),
  }),
  fc.record({ kind: fc.constant('poll'), rules, lost: fc.boolean() }),
)

/** What a client makes of the answers that it takes. */
class ModelRoom {
  timeline: SlidingEvent[] = []
  state = new Map<string, SlidingEvent>()
}

class Model {
  readonly rooms = new Map<string, ModelRoom>()
  pos: string | undefined

  take({ pos, rooms: answered }: SlidingAnswer): void {
    this.pos = pos
    for (const [roomId, result] of Object.entries(answered)) {
      const model = (!result['initial'] && this.rooms.get(roomId)) || new ModelRoom()
      this.rooms.set(roomId, model)
      const anew =
        Boolean(result['initial'] ?? result['unstable_expanded_timeline']) || result['limited'] === true
      model.timeline = [...(anew ? [] : model.timeline), ...(result.timeline ?? [])]
      for (const event of result.required_state ?? []) {
        model.state.set(`${event.type}/${event.state_key}`, event)
      }
    }
  }
}

function bodyOf({ last, limit, types, subscribed }: Rules): Json {
  const config = {
    timeline_limit: limit,
    required_state: [...types.map((type) => [type, '']), ['m.room.member', '$LAZY']],
  }
  return {
    lists: { all: { ...config, ranges: [[0, last]] } },
    room_subscriptions: Object.fromEntries(subscribed.map((index) => [rooms[index]!, config])),
  }
}

let count = 0

async function run(taken: Step, model: Model): Promise<void> {
  if (taken.kind === 'poll') {
    const answer = await slide(users[0]!, bodyOf(taken.rules), model.pos)
    if (!taken.lost || model.pos === undefined) {
      model.take(answer)
      await expectMembers(answer, model)
    }
    return
  }
  const [user, roomId, text] = [users[taken.by]!, rooms[taken.room]!, `text ${++count}`]
  if (taken.kind === 'say') await user.say(roomId, text)
  else if (taken.kind === 'rename') {
    await user.setState(roomId, 'm.room.member', { membership: 'join', displayname: text }, user.userId)
  } else await user.setState(roomId, `m.room.${taken.kind}`, { [taken.kind]: text })
}

/** Whoever speaks in an answer is known by the membership event of now. */
async function expectMembers({ rooms: answered }: SlidingAnswer, model: Model): Promise<void> {
  for (const [roomId, { timeline = [] }] of Object.entries(answered)) {
    const state = await stateOf(roomId)
    for (const { sender } of timeline) {
      const place = `m.room.member/${sender}`
      expect(model.rooms.get(roomId)!.state.get(place)?.event_id).toBe(state.get(place))
    }
  }
}

async function stateOf(roomId: string): Promise<Map<string, unknown>> {
  const events = await users[0]!.state(roomId)
  return new Map(events.map(({ type, state_key: key, event_id: id }) => [`${type}/${key}`, id]))
}

async function historyOf(roomId: string): Promise<unknown[]> {
  const query = new URLSearchParams({ dir: 'b', limit: '100' })
  const { chunk } = await users[0]!.call('GET', `/rooms/${encodeURIComponent(roomId)}/messages?${query}`)
  return (chunk as Json[]).map(({ event_id: id }) => id).toReversed()
}

it('gives a client the rooms as they are, whatever it looked at before and whichever answers it lost', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
      const model = new Model()
      for (const taken of steps) await run(taken, model)
      const all = { last: ROOMS - 1, limit: 5, types: TYPES, subscribed: [] }
      await run({ kind: 'poll', rules: all, lost: false }, model)
      for (const roomId of rooms) {
        const { timeline, state } = model.rooms.get(roomId)!
        const history = await historyOf(roomId)
        expect(timeline.length).toBeGreaterThan(0)
        expect(timeline.map(({ event_id: id }) => id)).toEqual(history.slice(-timeline.length))
        const real = await stateOf(roomId)
        for (const type of TYPES) expect(state.get(`${type}/`)?.event_id).toBe(real.get(`${type}/`))
      }
    }),
    { numRuns: 15 },
  )
}, 120_000)
