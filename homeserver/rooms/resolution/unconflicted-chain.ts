import { inAuthChainOf } from '../../../storage/events/auth-chain-reader.ts'
import type { StoredEvent } from '../../../storage/events/stored-event.ts'
import type { EventNid } from '../../../storage/numeric-ids.ts'
import type { StateRoot } from '../../../storage/state-trie/state-root.ts'
import type { OpenRoom } from '../open-room.ts'
import type { RoomServices } from '../room-services.ts'

/**
 * Which of `candidates` are part of the state `root` less its conflicted events, or in that part's auth chain. This reads
 * the whole state, and is asked only about what could not be told from where states differ.
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
  const entries = await services.trie.entries(room.head.roomNid, root)
  const nids = entries.map(({ eventNid }) => eventNid).filter((nid) => !conflicted.has(nid))
  // What is still under way is not in the database: its chain is walked here and named beside the rest.
  const ids = await pendingChain(room, nids)
  return inAuthChainOf(services.queries, room.head.roomNid, { nids, ids }, [...candidates])
}

/** The ids of events under way among some of the state, of their auth events, and of those of what is under way there. */
async function pendingChain(room: OpenRoom, nids: readonly EventNid[]): Promise<string[]> {
  const isPending = (stored: StoredEvent | undefined): stored is StoredEvent =>
    stored !== undefined && room.pendingEvent(stored.eventNid) !== undefined
  const ids = new Set<string>()
  let level = nids.map((nid) => room.pendingEvent(nid)).filter((stored) => stored !== undefined)
  while (level.length > 0) {
    for (const { event } of level) ids.add(event.eventId)
    const cited = new Set(level.flatMap(({ event }) => event.authEvents).filter((id) => !ids.has(id)))
    for (const id of cited) ids.add(id)
    level = [...cited].map((id) => room.peek(id)).filter(isPending)
  }
  return [...ids]
}
