import type { EventWrite } from '../../storage/events/event-write.ts'
import type { Extremity, RoomHead } from './room-head.ts'

/** Events that a new one names as its causes: half of what the specification allows, so that forks shrink fast. */
export const MAX_PREV_EVENTS = 10

/**
 * More than honest servers ever leave behind while many of them talk past each other. Every one costs a state in each
 * resolution, which reads only what differs, and ten go with each event that is sent here.
 */
export const MAX_EXTREMITIES = 50

/** The extremities that the next local event follows: the deepest, and the same whatever their order. */
export function causesForNext(head: RoomHead): readonly Extremity[] {
  if (head.extremities.length <= MAX_PREV_EVENTS) return head.extremities
  return head.extremities
    .toSorted((a, b) => b.depth - a.depth || (a.eventId < b.eventId ? -1 : 1))
    .slice(0, MAX_PREV_EVENTS)
}

/**
 * The extremities once an event is in that stands for those behind it.
 *
 * @param behind what the event follows.
 * @param added the event, unless something that is here stands for it in turn.
 */
export function nextExtremities(
  head: RoomHead,
  behind: ReadonlySet<string>,
  added: Extremity | undefined,
): readonly Extremity[] {
  const left = head.extremities.filter((extremity) => !behind.has(extremity.eventId))
  if (added) return bounded([...left, added])
  return left.length > 0 ? left : head.extremities
}

/**
 * Keeps at most {@link MAX_EXTREMITIES}. Those go first whose state another one has as well: the resolved state is
 * the same without them. Then the oldest go, in the order in which they came, which no other server can choose.
 */
export function bounded(extremities: readonly Extremity[]): readonly Extremity[] {
  if (extremities.length <= MAX_EXTREMITIES) return extremities
  const newestOfState = new Map(extremities.map((extremity) => [extremity.stateAfter, extremity]))
  const distinct = extremities.filter((extremity) => newestOfState.get(extremity.stateAfter) === extremity)
  return distinct.slice(-MAX_EXTREMITIES)
}

/** The difference of two sets of extremities, as the writer stores it. */
export function extremityChange(
  before: readonly Extremity[],
  after: readonly Extremity[],
): EventWrite['extremities'] {
  const old = new Set(before.map((extremity) => extremity.eventNid))
  const now = new Set(after.map((extremity) => extremity.eventNid))
  return {
    added: [...now].filter((nid) => !old.has(nid)),
    removed: [...old].filter((nid) => !now.has(nid)),
  }
}
