/**
 * The ids that an event names in `auth_events`, or undefined for an event that is not at hand. Such an event is
 * treated as having none, on every path, so that a gap gives the same answer whatever order it is met in.
 */
export type AuthEdges = (eventId: string) => readonly string[] | undefined

/**
 * The events that can be reached from `starts` along auth edges, `starts` included. Walks with its own stack:
 * auth chains of 100,000 events are real and would overflow the call stack.
 *
 * @param visit called once for each event; returning `'stop'` ends the walk.
 */
export function walkAuthChain(
  starts: Iterable<string>,
  authEdges: AuthEdges,
  visit: (eventId: string) => 'stop' | undefined,
): void {
  const seen = new Set(starts)
  const pending = [...seen]
  for (let eventId = pending.pop(); eventId !== undefined; eventId = pending.pop()) {
    if (visit(eventId) === 'stop') return
    for (const authEvent of authEdges(eventId) ?? []) {
      if (seen.has(authEvent)) continue
      seen.add(authEvent)
      pending.push(authEvent)
    }
  }
}

/** Which of `candidates` can be reached from `starts` along auth edges. Ends as soon as all of them are found. */
export function reachableAmong(
  candidates: ReadonlySet<string>,
  starts: Iterable<string>,
  authEdges: AuthEdges,
): Set<string> {
  const reached = new Set<string>()
  if (candidates.size === 0) return reached
  walkAuthChain(starts, authEdges, (eventId) => {
    if (candidates.has(eventId)) reached.add(eventId)
    return reached.size === candidates.size ? 'stop' : undefined
  })
  return reached
}
