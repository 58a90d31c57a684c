import { authChainIds, inAuthChainOf } from '../../storage/events/auth-chain-reader.ts'
import type { StoredEvent } from '../../storage/events/stored-event.ts'
import type { EventNid } from '../../storage/numeric-ids.ts'
import type { StateRoot } from '../../storage/state-trie/state-root.ts'
import type { OpenRoom } from './open-room.ts'
import type { RoomServices } from './room-services.ts'

/** The events of `starts` and everything in their auth chains, by id. A cause that is not here is left out. */
export async function loadAuthChain(
  services: RoomServices,
  room: OpenRoom,
  starts: readonly StoredEvent[],
): Promise<Map<string, StoredEvent>> {
  const known = new Map<string, StoredEvent>(starts.map((stored) => [stored.event.eventId, stored]))
  let next = [...known.values()]
  while (next.length > 0) {
    const wanted = new Set(next.flatMap(({ event }) => event.authEvents).filter((id) => !known.has(id)))
    next = [...wanted].map((id) => room.peek(id)).filter((stored) => stored !== undefined)
    for (const stored of next) known.set(stored.event.eventId, stored)
    const distant = [...wanted].filter((id) => !known.has(id))
    if (distant.length === 0) continue
    // One query names the rest of the chain, however deep; walking it level by level would take one each.
    const ids = await authChainIds(services.queries, room.head.roomNid, distant)
    for (const stored of (await room.events(ids.filter((id) => !known.has(id)))).values()) {
      known.set(stored.event.eventId, stored)
      next.push(stored)
    }
  }
  return known
}

/**
 * Which of `candidates` are part of the state `root` less its conflicted events, or in that part's auth chain.
 *
 * @param conflicted the events that the states to be resolved disagree on.
 */
export async function inUnconflictedChain(
  services: RoomServices,
  room: OpenRoom,
  root: StateRoot,
  conflicted: ReadonlySet<EventNid>,
  candidates: ReadonlySet<string>,
): Promise<Set<string>> {
  if (candidates.size === 0) return new Set()
  const entries = await services.trie.entries(room.head.roomNid, root)
  const nids = entries.map(({ eventNid }) => eventNid).filter((nid) => !conflicted.has(nid))
  // What is still under way is not in the database: its chain is walked here and named beside the rest.
  const pending = nids.map((nid) => room.pendingEvent(nid)).filter((stored) => stored !== undefined)
  const ids = [...(await loadAuthChain(services, room, pending)).keys()]
  return inAuthChainOf(services.queries, room.head.roomNid, { nids, ids }, [...candidates])
}
