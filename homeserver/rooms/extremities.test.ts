import { describe, expect, it } from 'vitest'
import { roomVersion } from '../../protocol/room-versions/room-versions.ts'
import type { EventNid, RoomNid } from '../../storage/numeric-ids.ts'
import { EMPTY_ROOT, rootFromBytes } from '../../storage/state-trie/state-root.ts'
import {
  causesForNext,
  extremityChange,
  MAX_EXTREMITIES,
  MAX_PREV_EVENTS,
  nextExtremities,
} from './extremities.ts'
import type { Extremity, RoomHead } from './room-head.ts'

function stateRoot(n: number) {
  return rootFromBytes(Buffer.alloc(16, n))
}

function extremity(n: number, state = n): Extremity {
  return { eventId: `$${n}`, eventNid: n as EventNid, depth: n, stateAfter: stateRoot(state) }
}

function headWith(extremities: readonly Extremity[]): RoomHead {
  const roomNid = 1 as RoomNid
  return {
    roomNid,
    roomId: '!r',
    version: roomVersion('12')!,
    lease: { roomNid, token: 1, broken: false },
    extremities,
    root: EMPTY_ROOT,
    historyPos: 0,
    unreadOrdinal: 0,
  }
}

const NEW: Extremity = {
  eventId: '$new',
  eventNid: 5_000 as EventNid,
  depth: 1_000,
  stateAfter: stateRoot(99),
}
const NOTHING: ReadonlySet<string> = new Set()

describe('extremities', () => {
  it('an event stands for those it follows', () => {
    const next = nextExtremities(headWith([extremity(1), extremity(2)]), new Set(['$1']), NEW)
    expect(next.map(({ eventId }) => eventId)).toEqual(['$2', '$new'])
  })

  it('an event that is followed already takes away what it follows, and never the last', () => {
    const head = headWith([extremity(1), extremity(2)])
    expect(nextExtremities(head, new Set(['$1']), undefined)).toEqual([extremity(2)])
    expect(nextExtremities(head, new Set(['$1', '$2']), undefined)).toEqual(head.extremities)
  })

  it('are bounded, and those go first that change nothing', () => {
    const many = Array.from({ length: MAX_EXTREMITIES }, (_, n) =>
      extremity(n + 1, n < MAX_EXTREMITIES - 5 ? 1 : n + 1),
    )
    const next = nextExtremities(headWith(many), NOTHING, NEW)
    expect(new Set(next.map(({ stateAfter }) => stateAfter)).size).toBe(7)
    expect(next).toHaveLength(7)
  })

  it('are bounded even when every state differs, the newest staying', () => {
    const many = Array.from({ length: MAX_EXTREMITIES }, (_, n) => extremity(n + 1))
    const next = nextExtremities(headWith(many), NOTHING, NEW)
    expect(next).toHaveLength(MAX_EXTREMITIES)
    expect(next[0]?.eventId).toBe('$2')
    expect(next.at(-1)?.eventId).toBe('$new')
  })

  it('the next local event follows the deepest, whatever their order', () => {
    const many = Array.from({ length: MAX_EXTREMITIES }, (_, n) => extremity(n + 1))
    const causes = causesForNext(headWith(many)).map(({ eventId }) => eventId)
    expect(causes).toHaveLength(MAX_PREV_EVENTS)
    expect(causesForNext(headWith(many.toReversed())).map(({ eventId }) => eventId)).toEqual(causes)
    expect(causes[0]).toBe(`$${MAX_EXTREMITIES}`)
  })

  it('changes are stored as a difference', () => {
    expect(extremityChange([extremity(1), extremity(2)], [extremity(2), extremity(3)])).toEqual({
      added: [3],
      removed: [1],
    })
  })
})
