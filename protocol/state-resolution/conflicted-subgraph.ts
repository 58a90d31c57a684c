import type { AuthEdges } from './auth-chain.ts'

/**
 * The conflicted state subgraph of version 2.1: every event that lies on a path of auth edges from one
 * conflicted event to another, both ends included (rooms/v12.md, "Definitions").
 *
 * Two walks instead of a search over paths, whose number can be exponential: an event is on such a path exactly
 * when some conflicted event reaches it and it reaches some conflicted event.
 */
export function conflictedSubgraph(conflicted: ReadonlySet<string>, authEdges: AuthEdges): Set<string> {
  const citedBy = new Map<string, string[]>()
  const seen = new Set(conflicted)
  const backwards = [...conflicted]
  for (let eventId = backwards.pop(); eventId !== undefined; eventId = backwards.pop()) {
    for (const authEvent of authEdges(eventId) ?? []) {
      const citing = citedBy.get(authEvent)
      if (citing === undefined) citedBy.set(authEvent, [eventId])
      else citing.push(eventId)
      if (seen.has(authEvent)) continue
      seen.add(authEvent)
      backwards.push(authEvent)
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
