import type { EventSource } from './event-source.ts'
import type { Steps } from './steps.ts'

/**
 * The conflicted state subgraph of version 2.1: every event that lies on a path of auth edges from one
 * conflicted event to another, both ends included (rooms/v12.md, "Definitions").
 *
 * Two walks instead of a search over paths, whose number can be exponential: an event is on such a path exactly
 * when some conflicted event reaches it and it reaches some conflicted event. What is not as high as any of them
 * reaches none.
 */
export function* conflictedSubgraph(
  conflicted: ReadonlySet<string>,
  source: EventSource,
): Steps<Set<string>> {
  yield { events: conflicted }
  let floor = Number.POSITIVE_INFINITY
  for (const eventId of conflicted) {
    if (source.event(eventId) !== undefined) floor = Math.min(floor, source.authHeight(eventId) ?? 0)
  }
  const citedBy = new Map<string, string[]>()
  const seen = new Set(conflicted)
  for (let level = [...conflicted]; level.length > 0;) {
    const events = level.flatMap((eventId) => source.event(eventId) ?? [])
    yield { events: events.flatMap(({ authEvents }) => authEvents) }
    level = []
    for (const { eventId, authEvents } of events) {
      for (const authEvent of authEvents) {
        if ((source.authHeight(authEvent) ?? floor) < floor) continue
        const citing = citedBy.get(authEvent)
        if (citing === undefined) citedBy.set(authEvent, [eventId])
        else citing.push(eventId)
        if (seen.has(authEvent)) continue
        seen.add(authEvent)
        level.push(authEvent)
      }
    }
  }

  const subgraph = new Set(conflicted)
  const forwards = [...conflicted]
  for (let eventId = forwards.pop(); eventId !== undefined; eventId = forwards.pop()) {
    for (const citing of citedBy.get(eventId) ?? []) {
      if (subgraph.has(citing)) continue
      subgraph.add(citing)
      forwards.push(citing)
    }
  }
  return subgraph
}
