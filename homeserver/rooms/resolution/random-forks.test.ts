import { afterAll, beforeAll, expect, test } from 'vitest'
import { authStateOf } from '../../../protocol/auth-rules/auth-state.ts'
import { checkAuth } from '../../../protocol/auth-rules/check-auth.ts'
import type { SignedPdu } from '../../../protocol/events/room-event.ts'
import type { JsonObject } from '../../../protocol/json/value.ts'
import { stateTuple } from '../../../protocol/state/state-map.ts'
import { reachableAmong } from '../../../protocol/state-resolution/auth-chain.ts'
import { resolveState } from '../../../protocol/state-resolution/resolve-state.ts'
import { sample, seededRandom } from '../../../spec-tests/support/seeded-random.ts'
import { openTestRooms, type TestRooms } from '../room-services.fixture.ts'
import { LocalRoomWriter } from '../room-writer.ts'
import {
  CREATOR,
  joinOf,
  memberAt,
  RemoteRoom,
  withEvent,
  type EventState,
  type RemoteEvent,
} from './remote-room.fixture.ts'

const MEMBERS = 6
const STEPS = 120
const MAX_BRANCHES = 6

let rooms: TestRooms
let writer: LocalRoomWriter

beforeAll(async () => {
  rooms = await openTestRooms('here.test')
  writer = new LocalRoomWriter(rooms.services)
})
afterAll(async () => {
  await rooms.close()
})

interface Branch {
  readonly ends: readonly string[]
  readonly state: EventState
}

test.each([
  ['2', 11],
  ['11', 22],
  ['11', Date.now()],
  ['12', 33],
  ['12', Date.now()],
] as const)(
  'forks of a room of version %s come to what they come to from scratch, seed %d',
  async (version, seed) => {
    const random = seededRandom(seed)
    const among = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!
    const remote = new RemoteRoom(version, MEMBERS)
    await remote.adopt(writer)
    const users = [CREATOR, ...Array.from({ length: MEMBERS }, (_, index) => memberAt(index))]

    const spec = (count: number): RemoteEvent => {
      const [sender, other] = [among(users), among(users)]
      const member = (content: RemoteEvent['content']) =>
        ({ type: 'm.room.member', stateKey: other, sender, content }) as RemoteEvent
      const named: JsonObject = version === '12' ? {} : { [CREATOR]: 100 }
      return among<() => RemoteEvent>([
        () => joinOf(sender, `${count}`),
        () => joinOf(sender, `${count}`),
        () => joinOf(sender, `${count}`),
        () => ({ type: 'm.room.topic', stateKey: '', sender, content: { topic: `${count}` } }),
        () => member({ membership: among(['leave', 'ban', 'invite']) }),
        () => ({
          ...{ type: 'm.room.join_rules', stateKey: '', sender },
          content: { join_rule: among(['public', 'invite']) },
        }),
        () => ({
          ...{ type: 'm.room.power_levels', stateKey: '', sender },
          content: {
            users: { ...named, [memberAt(0)]: 50, [other]: other === CREATOR ? 100 : 50 },
            state_default: 0,
            invite: 0,
          },
        }),
      ])()
    }
    const merged = (branches: readonly Branch[]): EventState => {
      const stateSets = branches.map(
        ({ state }) => new Map([...state].map(([tuple, { eventId }]) => [tuple, eventId])),
      )
      const resolved = resolveState({
        ...{ version: remote.version, stateSets },
        event: (eventId) => remote.events.get(eventId),
      })
      return new Map([...resolved].map(([tuple, eventId]) => [tuple, remote.events.get(eventId)!]))
    }

    const branches: Branch[] = [{ ends: [remote.arrival.eventId], state: remote.state }]
    const sent: { readonly event: SignedPdu; readonly before: EventState }[] = []
    for (let count = 0; count < STEPS; count++) {
      const index = Math.floor(random() * branches.length)
      let from = branches[index]!
      const way = random()
      const joined = way < 0.15 && branches.length > 1 ? branches[(index + 1) % branches.length] : undefined
      if (joined) from = { ends: [...from.ends, ...joined.ends], state: merged([from, joined]) }
      const event = remote.make(spec(count), from.ends, from.state)
      const create = from.state.get(stateTuple('m.room.create', ''))
      if (!checkAuth(event, authStateOf([...from.state.values()], create)).allowed) continue
      sent.push({ event, before: from.state })
      const next = { ends: [event.eventId], state: withEvent(from.state, event) }
      if (way > 0.8 && branches.length < MAX_BRANCHES) branches.push(next)
      else branches[index] = next
      if (joined) branches.splice((index + 1) % branches.length, 1)
      await writer.submit(remote.roomId, { kind: 'receive', events: [{ event }] })
    }
    expect(sent.length).toBeGreaterThan(STEPS / 4)

    const { events, trie, authCovers } = rooms.services
    const room = (await writer.open(remote.roomId))!
    const candidates = new Set(remote.events.keys())
    const edges = (id: string): readonly string[] | undefined => remote.events.get(id)?.authEvents
    const stored = await events.byIds(sent.map(({ event }) => event.eventId))
    for (const { event, before } of sent) {
      const { verdict, stateBefore, roomNid } = stored.get(event.eventId)!
      expect(verdict).not.toBe('rejected')
      const entries = await trie.entries(roomNid, stateBefore!)
      const found = await events.byPlaces(entries.map(({ eventNid }) => ({ roomNid, eventNid })))
      const ids = [...found.values()].map((item) => item.event.eventId)
      expect(ids.toSorted()).toEqual(Array.from(before.values(), ({ eventId }) => eventId).toSorted())
      // From one of these states to the next the auth chain is followed, whatever they have to do with each other.
      const without = sample(ids, 2, random)
      const left = ids.filter((id) => !without.includes(id))
      const covered = await authCovers.coveredWithout(rooms.services, room, {
        root: stateBefore!,
        without,
        candidates,
      })
      expect([...covered].toSorted()).toEqual([...reachableAmong(candidates, left, edges)].toSorted())
    }
  },
)
