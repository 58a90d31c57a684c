import type { OpenRoom } from '../../../homeserver/rooms/open-room.ts'
import type { StoredEvent } from '../../../storage/events/stored-event.ts'

/** A chain of rejected events is followed so far; it is another server's making. */
const MAX_REJECTED_STEPS = 100

/**
 * Walks from some events along their previous events, breadth first. Soft-failed events are met only through
 * events that follow them, as the specification has it ("Soft failure"); rejected ones are walked through and left
 * out, so that they end no page early.
 *
 * @param options.skipped ids at which the walk ends without giving them.
 * @returns at most `limit` events, the nearest first.
 */
export async function walkBack(
  room: OpenRoom,
  start: readonly string[],
  options: { readonly limit: number; readonly skipped?: ReadonlySet<string>; readonly minDepth?: number },
): Promise<StoredEvent[]> {
  const { limit, skipped = new Set<string>(), minDepth = 0 } = options
  const seen = new Set<string>(skipped)
  const found: StoredEvent[] = []
  let steps = 0
  let level = fresh(start, seen)
  while (level.length > 0 && found.length < limit && steps++ < limit + MAX_REJECTED_STEPS) {
    const known = await room.events(level)
    const met = level.map((id) => known.get(id)).filter((stored) => stored !== undefined)
    // An event of which only a state or an auth chain told leads nowhere that is here.
    const placed = met.filter((stored) => !stored.outlier && stored.event.depth >= minDepth)
    found.push(...placed.filter(({ verdict }) => verdict !== 'rejected'))
    level = fresh(
      placed.flatMap(({ event }) => event.prevEvents),
      seen,
    )
  }
  return found.slice(0, limit)
}

function fresh(ids: readonly string[], seen: Set<string>): string[] {
  const next: string[] = []
  for (const id of ids) {
    if (seen.has(id)) continue
    seen.add(id)
    next.push(id)
  }
  return next
}
