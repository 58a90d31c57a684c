import type { StoredEvent } from '../../../storage/events/stored-event.ts'

/** Events of a room, each after those of them that it follows; otherwise in their order. */
export function causesFirst(events: readonly StoredEvent[]): readonly StoredEvent[] {
  const byId = new Map(events.map((stored) => [stored.event.eventId, stored]))
  const order: StoredEvent[] = []
  const entered = new Set<string>()
  // Walks with its own stack: an outage may have left a long chain.
  const stack = events.toReversed().map((stored) => ({ stored, left: false }))
  for (let step = stack.pop(); step; step = stack.pop()) {
    const { stored, left } = step
    if (left) order.push(stored)
    if (left || entered.has(stored.event.eventId)) continue
    entered.add(stored.event.eventId)
    stack.push({ stored, left: true })
    for (const cause of stored.event.prevEvents) {
      const causing = byId.get(cause)
      if (causing && !entered.has(cause)) stack.push({ stored: causing, left: false })
    }
  }
  return order
}
