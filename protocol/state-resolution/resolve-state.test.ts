import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RoomEvent } from '../events/room-event.ts'
import type { StateMap, StateTuple } from '../state/state-map.ts'
import { reachableAmong } from './auth-chain.ts'
import { separateStates } from './conflicted-state.ts'
import { resolveConflicts } from './resolve-conflicts.ts'
import { resolveState } from './resolve-state.ts'
import { ALICE, BOB, type Branch, CAROL, CREATOR, type TestEvent, TestRoom } from './test-room.ts'

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

/** Resolves with nothing at hand but what the resolution asked for. */
function resolveAsking(room: TestRoom, states: readonly StateMap[]) {
  const { unconflicted, conflicted } = separateStates(states)
  const events = new Set<string>()
  const places = new Set<StateTuple>()
  const event = (eventId: string): RoomEvent | undefined =>
    events.has(eventId) ? room.events.get(eventId) : undefined
  const resolution = resolveConflicts({
    version: room.version,
    conflicted,
    stateCount: states.length,
    event,
    isRejected: () => false,
    authHeight: (eventId) => (events.has(eventId) ? room.authHeight(eventId) : undefined),
    unconflicted: (tuple) => (places.has(tuple) ? unconflicted.get(tuple) : undefined),
    inUnconflictedChain: (candidates) =>
      reachableAmong(candidates, unconflicted.values(), (eventId) => room.events.get(eventId)?.authEvents),
  })
  let candidates = 0
  for (;;) {
    const step = resolution.next()
    if (step.done) return { state: new Map([...unconflicted, ...step.value]), events, places, candidates }
    for (const eventId of step.value.events ?? []) events.add(eventId)
    for (const place of step.value.places ?? []) {
      places.add(place)
      const shared = unconflicted.get(place)
      if (shared !== undefined) events.add(shared)
    }
    candidates += step.value.candidates?.size ?? 0
  }
}

describe.each(['1', '2', '11', '12'])('by differences, room version %s', (version) => {
  it('asks for all that it reads and gives the same', () => {
    fc.assert(
      fc.property(steps, (taken) => {
        const { room, states } = history(version, taken)
        expect(sorted(resolveAsking(room, states).state)).toEqual(sorted(room.resolve(...states)))
      }),
      { numRuns: 300 },
    )
  })
})

describe.each(['2', '11', '12'])('of what the states have in common, room version %s', (version) => {
  it('walks nothing, however long the chains below are', () => {
    const base = new TestRoom(version).begin()
    for (let index = 0; index < 1_000; index++) {
      base.powers(
        `$power${index}`,
        CREATOR,
        version === '12' ? { [ALICE]: index } : { [CREATOR]: 1_001, [ALICE]: index },
      )
      if (index % 10 === 0) base.joinRule(`$rule${index}`, CREATOR, index % 20 === 0 ? 'public' : 'invite')
      if (index % 20 === 0) base.member(`$alice${index}`, ALICE, 'join')
    }
    const branches = Array.from({ length: 10 }, (_, branch) => {
      const fork = base.fork()
      if (branch % 2 === 0) fork.topic(`$topic${branch}`, CREATOR)
      else fork.member(`$invite${branch}`, `@bob${branch}:example.org`, 'invite', CREATOR)
      fork.powers(`$end${branch}`, CREATOR, version === '12' ? { [BOB]: 1 } : { [CREATOR]: 1_001, [BOB]: 1 })
      return fork.state
    })
    const { room } = base
    const { state, events, candidates } = resolveAsking(room, branches)
    expect(sorted(state)).toEqual(sorted(room.resolve(...branches)))
    expect(events.size).toBeLessThan(60)
    expect(candidates).toBe(0)
  })
})

it('resolves nothing to nothing', () => {
  const { version } = new TestRoom('12')
  expect(resolveState({ version, stateSets: [], event: () => undefined }).size).toBe(0)
})
