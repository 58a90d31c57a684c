import type { PowerLevel } from '../auth-rules/power-level-value.ts'
import type { RoomEvent } from '../events/room-event.ts'
import { compareCodePoints } from '../json/code-point-order.ts'
import type { EventSource } from './event-source.ts'
import { PriorityQueue } from './priority-queue.ts'
import { senderPower } from './sender-power.ts'
import { PAUSE, type Steps } from './steps.ts'

interface Candidate {
  readonly event: RoomEvent
  readonly power: PowerLevel
  /** How many of its auth events within the set are still to be placed. */
  waitingFor: number
  readonly citedBy: Candidate[]
}

/**
 * The reverse topological power ordering of a set of events, earliest first: every event after those it cites,
 * and among the free ones the more powerful sender, the older timestamp, the smaller id first
 * (rooms/fragments/v2-state-res.md, "Definitions"). Kahn's algorithm with a heap.
 */
export function* reverseTopologicalPowerOrder(
  eventIds: ReadonlySet<string>,
  source: EventSource,
): Steps<RoomEvent[]> {
  const candidates = new Map<string, Candidate>()
  for (const eventId of eventIds) {
    const event = source.event(eventId)
    if (event === undefined) continue
    yield PAUSE
    candidates.set(eventId, { event, power: senderPower(event, source), waitingFor: 0, citedBy: [] })
  }
  const free = new PriorityQueue<Candidate>(compareByPower)
  for (const candidate of candidates.values()) {
    for (const authEvent of new Set(candidate.event.authEvents)) {
      const cited = candidates.get(authEvent)
      if (cited === undefined) continue
      cited.citedBy.push(candidate)
      candidate.waitingFor += 1
    }
    if (candidate.waitingFor === 0) free.push(candidate)
  }

  const ordered: RoomEvent[] = []
  for (let next = free.pop(); next !== undefined; next = free.pop()) {
    ordered.push(next.event)
    for (const citing of next.citedBy) {
      citing.waitingFor -= 1
      if (citing.waitingFor === 0) free.push(citing)
    }
  }
  return ordered
}

function compareByPower(a: Candidate, b: Candidate): number {
  // Not by subtraction: a creator's power is infinite, and ∞ − ∞ is not a number.
  if (a.power !== b.power) return a.power > b.power ? -1 : 1
  if (a.event.originServerTs !== b.event.originServerTs)
    return a.event.originServerTs - b.event.originServerTs
  return compareCodePoints(a.event.eventId, b.event.eventId)
}
