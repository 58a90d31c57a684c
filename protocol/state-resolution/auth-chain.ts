/**
 * The ids that an event names in `auth_events`, or undefined for an event that is not at hand. Such an event is
 * treated as having none, on every path, so that a gap gives the same answer whatever order it is met in.
 */
export type AuthEdges = (eventId: string) => readonly string[] | undefined

/**
 * Which of `candidates` can be reached from `starts` along auth edges, `starts` included. Ends as soon as all of them
 * are found. Walks with its own stack: auth chains of 100,000 events are real and would overflow the call stack.
 */
export function reachableAmong(
  candidates: ReadonlySet<string>,
  starts: Iterable<string>,
  authEdges: AuthEdges,
): Set<string> {
  const reached = new Set<string>()
  const seen = new Set(starts)
  const pending = [...seen]
  while (reached.size < candidates.size) {
    const eventId = pending.pop()
    if (eventId === undefined) break
    if (candidates.has(eventId)) reached.add(eventId)
    for (const authEvent of authEdges(eventId) ?? []) {
      if (seen.has(authEvent)) continue
      seen.add(authEvent)
      pending.push(authEvent)
    }
  }
  return reached
}
