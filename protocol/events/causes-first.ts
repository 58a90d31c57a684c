import type { RoomEvent } from './room-event.ts'

/** Which of an event's causes an order goes by. */
export type CauseKind = 'prevEvents' | 'authEvents'

/** Events in an order in which each stands after those of its causes that are among them; otherwise in their order. */
export function causesFirst<Event extends RoomEvent>(
  events: readonly Event[],
  kind: CauseKind = 'prevEvents',
): Event[] {
  const byId = new Map(events.map((event) => [event.eventId, event]))
  const order: Event[] = []
  const entered = new Set<string>()
  // Walks with its own stack: a chain may be as long as the list.
  const stack = [...byId.values()].toReversed().map((event) => ({ event, left: false }))
  for (let step = stack.pop(); step; step = stack.pop()) {
    const { event, left } = step
    if (left) order.push(event)
    if (left || entered.has(event.eventId)) continue
    entered.add(event.eventId)
    stack.push({ event, left: true })
    for (const cause of event[kind]) {
      const known = byId.get(cause)
      if (known && !entered.has(cause)) stack.push({ event: known, left: false })
    }
  }
  return order
}
