import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RoomEvent } from '../events/room-event.ts'
import { roomVersion } from '../room-versions/room-versions.ts'
import { stateTuple } from '../state/state-map.ts'
import { reachableAmong } from './auth-chain.ts'
import type { ConflictInput } from './conflict-input.ts'
import { conflictedEvents, separateStates } from './conflicted-state.ts'
import { conflictedSubgraph } from './conflicted-subgraph.ts'
import type { EventSource } from './event-source.ts'
import { fullConflictedSet } from './full-conflicted-set.ts'
import { finish } from './steps.ts'

const NODES = 9

/** Random auth edges (each event cites earlier ones) and random states over few places. */
const rooms = fc
  .record({
    edges: fc.array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: NODES, maxLength: NODES }),
    // Heights are known from some event on down; what cites an event without one has none.
    uncounted: fc.nat(NODES * 2),
    states: fc.array(fc.array(fc.option(fc.nat(NODES - 1)), { minLength: 3, maxLength: 3 }), {
      minLength: 2,
      maxLength: 3,
    }),
  })
  .map(({ edges, states, uncounted }) => ({
    uncounted,
    edges: edges.map((targets, node) => (node === 0 ? [] : targets.map((target) => `${target % node}`))),
    states: states.map((places) => {
      const filled = places.flatMap((node, place) =>
        node === null ? [] : [[stateTuple(`type ${place}`, ''), `${node}`] as const],
      )
      return new Map(filled)
    }),
  }))

/** What resolution sees of the graph. */
function sourceOf(edges: readonly string[][], uncounted: number): EventSource {
  const heights: (number | undefined)[] = []
  for (const [node, cited] of edges.entries()) {
    const below = cited.map((id) => heights[Number(id)])
    const isKnown = node !== uncounted && below.every((height) => height !== undefined)
    heights.push(isKnown ? Math.max(-1, ...below) + 1 : undefined)
  }
  return {
    event: (eventId) => {
      const authEvents = edges[Number(eventId)]
      return authEvents && { ...BARE, eventId, authEvents }
    },
    isRejected: () => false,
    authHeight: (eventId) => heights[Number(eventId)],
  }
}

const BARE: RoomEvent = {
  eventId: '',
  roomId: '!room:example.org',
  type: 'place of its own',
  sender: '@alice:example.org',
  stateKey: '',
  content: {},
  originServerTs: 1,
  depth: 1,
  prevEvents: [],
  authEvents: [],
  redacts: undefined,
  version: roomVersion('11')!,
  pdu: {},
}

function chain(eventId: string, edges: readonly string[][]): string[] {
  return (edges[Number(eventId)] ?? []).flatMap((cited) => [cited, ...chain(cited, edges)])
}

function paths(eventId: string, edges: readonly string[][]): string[][] {
  const further = (edges[Number(eventId)] ?? []).flatMap((cited) => paths(cited, edges))
  return [[eventId], ...further.map((path) => [eventId, ...path])]
}

describe('full conflicted set', () => {
  it('is what the definition says, computed from the differences alone', () => {
    fc.assert(
      fc.property(rooms, ({ edges, states, uncounted }) => {
        const chains = states.map((state) => {
          const ids = [...state.values()]
          return new Set([...ids, ...ids.flatMap((eventId) => chain(eventId, edges))])
        })
        const { conflicted, unconflicted } = separateStates(states)
        const expected = conflictedEvents(conflicted)
        for (const eventId of chains.flatMap((ids) => [...ids])) {
          if (!chains.every((ids) => ids.has(eventId))) expected.add(eventId)
        }
        const authEdges = (eventId: string): readonly string[] | undefined => edges[Number(eventId)]
        const input: ConflictInput = {
          ...sourceOf(edges, uncounted),
          version: BARE.version,
          conflicted,
          stateCount: states.length,
          unconflicted: (tuple) => unconflicted.get(tuple),
          inUnconflictedChain: (candidates) => reachableAmong(candidates, unconflicted.values(), authEdges),
        }
        const computed = finish(fullConflictedSet('v2', input))
        expect([...computed].sort()).toEqual([...expected].sort())
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('conflicted subgraph', () => {
  it('is the union of all paths between conflicted events', () => {
    fc.assert(
      fc.property(
        rooms,
        fc.uniqueArray(fc.nat(NODES - 1), { maxLength: 4 }),
        ({ edges, uncounted }, chosen) => {
          const conflicted = new Set(chosen.map(String))
          const expected = new Set(conflicted)
          for (const start of conflicted) {
            for (const path of paths(start, edges)) {
              if (conflicted.has(path.at(-1) ?? '')) for (const eventId of path) expected.add(eventId)
            }
          }
          const computed = finish(conflictedSubgraph(conflicted, sourceOf(edges, uncounted)))
          expect([...computed].sort()).toEqual([...expected].sort())
        },
      ),
      { numRuns: 1_000 },
    )
  })
})
