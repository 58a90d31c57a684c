import { stateTuple } from '../state/state-map.ts'
import type { EventSource } from './event-source.ts'
import { PriorityQueue } from './priority-queue.ts'
import type { Steps } from './steps.ts'
import type { UnconflictedState } from './unconflicted-places.ts'

/** One bit for each of the states whose chains are compared. */
export type StateBits = bigint

/** Above everything that was counted, so that nothing is passed by that it might cite. */
const UNCOUNTED = Number.POSITIVE_INFINITY

interface Waiting {
  readonly eventId: string
  readonly height: number
}

/**
 * Which states reach which events along auth edges: walks down from the highest events until all that is left is reached
 * by every state, and so is what lies below. What the states have in common is not walked, however long it is.
 *
 * @param starts events with the states that have them.
 * @param all the bits of all states.
 * @returns the events that were met, with the states that reach them.
 */
export function* reachedByStates(
  starts: ReadonlyMap<string, StateBits>,
  all: StateBits,
  source: EventSource & UnconflictedState,
): Steps<Map<string, StateBits>> {
  const reached = new Map<string, StateBits>()
  const queue = new PriorityQueue<Waiting>((a, b) =>
    a.height === b.height ? 0 : b.height > a.height ? 1 : -1,
  )
  const waiting = new Set<string>()
  /** Of those that wait: not reached by all, or not known to be above nothing that is not. */
  let open = 0
  const heightOf = (eventId: string): number => source.authHeight(eventId) ?? UNCOUNTED
  const isOpen = (eventId: string): boolean => reached.get(eventId) !== all || heightOf(eventId) === UNCOUNTED

  const reach = (eventId: string, bits: StateBits): void => {
    if (source.event(eventId) === undefined) return
    const before = reached.get(eventId) ?? 0n
    if ((before | bits) === before) return
    if (waiting.has(eventId) && isOpen(eventId)) open -= 1
    reached.set(eventId, before | bits)
    if (!waiting.has(eventId)) queue.push({ eventId, height: heightOf(eventId) })
    waiting.add(eventId)
    if (isOpen(eventId)) open += 1
  }
  /** All that wait at the greatest height. */
  const takeHighest = (): string[] => {
    const taken: string[] = []
    let next = queue.pop()
    const height = next?.height
    for (; next !== undefined && next.height === height; next = queue.pop()) {
      taken.push(next.eventId)
      if (isOpen(next.eventId)) open -= 1
      waiting.delete(next.eventId)
    }
    if (next !== undefined) queue.push(next)
    return taken
  }

  for (const [eventId, bits] of starts) reach(eventId, bits)
  while (open > 0) {
    const highest = takeHighest()
    const events = highest.flatMap((eventId) => source.event(eventId) ?? [])
    const partly = events.filter(({ eventId }) => reached.get(eventId) !== all)
    yield {
      events: events.flatMap(({ authEvents }) => authEvents),
      places: partly.map(({ type, stateKey }) => stateTuple(type, stateKey ?? '')),
    }
    for (const { eventId, type, stateKey } of partly) {
      if (source.unconflicted(stateTuple(type, stateKey ?? '')) === eventId) reached.set(eventId, all)
    }
    for (const { eventId, authEvents } of events) {
      for (const cited of authEvents) reach(cited, reached.get(eventId) ?? 0n)
    }
  }
  return reached
}
