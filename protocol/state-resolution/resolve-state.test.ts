import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { StateMap } from '../state/state-map.ts'
import { reachableAmong, walkAuthChain } from './auth-chain.ts'
import { conflictedEvents, separateStates } from './conflicted-state.ts'
import { resolveConflicts } from './resolve-conflicts.ts'
import { resolveState } from './resolve-state.ts'
import { ALICE, BOB, type Branch, CAROL, CREATOR, type TestEvent, TestRoom } from './test-room.ts'
import { unconflictedPlaces } from './unconflicted-places.ts'

const USERS = [CREATOR, ALICE, BOB, CAROL]

interface Step {
  readonly branch: number
  readonly fork: boolean
  readonly kind: 'powers' | 'rule' | 'topic' | 'name' | 'member'
  readonly actor: number
  readonly target: number
  readonly choice: number
  readonly ts: number
}

const step: fc.Arbitrary<Step> = fc.record({
  branch: fc.nat(3),
  fork: fc.boolean(),
  kind: fc.constantFrom('powers', 'rule', 'topic', 'name', 'member'),
  actor: fc.nat(3),
  target: fc.nat(3),
  choice: fc.nat(3),
  ts: fc.nat(5),
})

function eventOf({ kind, actor, target, choice, ts }: Step, id: string): TestEvent {
  const sender = USERS[actor] ?? CREATOR
  const other = USERS[target] ?? CREATOR
  switch (kind) {
    case 'powers':
      return {
        id,
        type: 'm.room.power_levels',
        sender,
        ts,
        content: { users: { [sender]: 100, [other]: choice * 25 } },
      }
    case 'rule':
      return {
        id,
        type: 'm.room.join_rules',
        sender,
        ts,
        content: { join_rule: choice < 2 ? 'public' : 'invite' },
      }
    case 'member': {
      const membership = ['join', 'leave', 'ban', 'invite'][choice] ?? 'join'
      return {
        id,
        type: 'm.room.member',
        sender,
        key: membership === 'join' ? sender : other,
        ts,
        content: { membership },
      }
    }
    default:
      return { id, type: `m.room.${kind}`, sender, ts }
  }
}

/** Plays steps on up to four branches; what a branch forbids does not happen there. */
function history(version: string, steps: readonly Step[]): { room: TestRoom; states: StateMap[] } {
  const first = new TestRoom(version)
    .begin()
    .joinRule('$public', CREATOR, 'public')
    .member('$alice', ALICE, 'join')
  const branches: Branch[] = [first]
  steps.forEach((taken, index) => {
    const branch = branches[taken.branch % branches.length] ?? first
    if (taken.fork && branches.length < 4) branches.push(branch.fork())
    branch.trySend(eventOf(taken, `$${index}`))
  })
  return { room: first.room, states: branches.map((branch) => branch.state) }
}

function sorted(state: StateMap): [string, string][] {
  return [...state].sort(([a], [b]) => (a < b ? -1 : 1))
}

const steps = fc.array(step, { minLength: 1, maxLength: 24 })

describe.each(['1', '2', '6', '11', '12'])('room version %s', (version) => {
  it('gives the same for any order of the states and of what is in them', () => {
    fc.assert(
      fc.property(steps, fc.infiniteStream(fc.nat(1_000)), (taken, randoms) => {
        const { room, states } = history(version, taken)
        const shuffle = <Item>(items: readonly Item[]): Item[] =>
          items
            .map((item) => ({ item, rank: randoms.next().value ?? 0 }))
            .sort((a, b) => a.rank - b.rank)
            .map(({ item }) => item)
        const shuffled = shuffle(states).map((state) => new Map(shuffle([...state])))
        expect(sorted(room.resolve(...shuffled))).toEqual(sorted(room.resolve(...states)))
      }),
    )
  })

  it('is the identity on one state, however often it is given, and on its own result', () => {
    fc.assert(
      fc.property(steps, (taken) => {
        const { room, states } = history(version, taken)
        for (const state of states) {
          expect(sorted(room.resolve(state))).toEqual(sorted(state))
          expect(sorted(room.resolve(state, state, new Map(state)))).toEqual(sorted(state))
        }
        const result = room.resolve(...states)
        expect(sorted(room.resolve(result, result))).toEqual(sorted(result))
        expect(sorted(room.resolve(...states, ...states))).toEqual(sorted(result))
      }),
    )
  })

  it('keeps what all states agree on, and invents no events', () => {
    fc.assert(
      fc.property(steps, (taken) => {
        const { room, states } = history(version, taken)
        const result = room.resolve(...states)
        for (const [tuple, eventId] of states[0] ?? []) {
          if (states.every((state) => state.get(tuple) === eventId)) expect(result.get(tuple)).toBe(eventId)
        }
        for (const eventId of result.values()) expect(room.events.has(eventId)).toBe(true)
      }),
    )
  })

  it('comes to one answer where events are missing, for any order', () => {
    fc.assert(
      fc.property(steps, fc.array(fc.nat(24)), (taken, lost) => {
        const { room, states } = history(version, taken)
        const missing = new Set(lost.map((index) => `$${index}`))
        const resolve = (stateSets: StateMap[]): StateMap =>
          resolveState({
            version: room.version,
            stateSets,
            event: (eventId) => (missing.has(eventId) ? undefined : room.events.get(eventId)),
          })
        expect(sorted(resolve(states.toReversed()))).toEqual(sorted(resolve(states)))
      }),
    )
  })
})

describe.each(['1', '2', '11', '12'])('by differences, room version %s', (version) => {
  it('needs no more than the documented events and gives the same', () => {
    fc.assert(
      fc.property(steps, (taken) => {
        const { room, states } = history(version, taken)
        const { unconflicted, conflicted } = separateStates(states)
        const chain = (starts: Iterable<string>): Set<string> => {
          const found = new Set<string>()
          walkAuthChain(starts, edges, (eventId) => {
            found.add(eventId)
            return undefined
          })
          return found
        }
        const edges = (eventId: string): readonly string[] | undefined => room.events.get(eventId)?.authEvents
        const replayed = chain(conflictedEvents(conflicted))
        const events = [...replayed].flatMap((eventId) => room.events.get(eventId) ?? [])
        const places = unconflictedPlaces(room.version, events)
        const read = [...places].flatMap((place) => unconflicted.get(place) ?? [])
        const loaded = new Set([...replayed, ...chain(read), '$create'])
        const resolution = resolveConflicts({
          version: room.version,
          conflicted,
          stateCount: states.length,
          event: (eventId) => (loaded.has(eventId) ? room.events.get(eventId) : undefined),
          isRejected: () => false,
          unconflicted: (tuple) => (places.has(tuple) ? unconflicted.get(tuple) : undefined),
          inUnconflictedChain: (candidates) => reachableAmong(candidates, unconflicted.values(), edges),
        })
        expect(sorted(new Map([...unconflicted, ...resolution]))).toEqual(sorted(room.resolve(...states)))
      }),
    )
  })
})

it('resolves nothing to nothing', () => {
  const { version } = new TestRoom('12')
  expect(resolveState({ version, stateSets: [], event: () => undefined }).size).toBe(0)
})
