import type { SignedPdu } from '../../../protocol/events/room-event.ts'

/** Events in an order in which each stands after those of its auth events that are among them. */
export function authCausesFirst(events: readonly SignedPdu[]): SignedPdu[] {
  const byId = new Map(events.map((event) => [event.eventId, event]))
  const order: SignedPdu[] = []
  const entered = new Set<string>()
  // Walks with its own stack: a chain may be as long as the list.
  const stack = [...byId.values()].map((event) => ({ event, left: false }))
  for (let step = stack.pop(); step; step = stack.pop()) {
    const { event, left } = step
    if (left) order.push(event)
    if (left || entered.has(event.eventId)) continue
    entered.add(event.eventId)
    stack.push({ event, left: true })
    for (const cause of event.authEvents) {
      const known = byId.get(cause)
      if (known && !entered.has(cause)) stack.push({ event: known, left: false })
    }
  }
  return order
}
