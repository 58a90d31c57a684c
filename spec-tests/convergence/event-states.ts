import { openDatabase, type DatabaseAddress } from '../../storage/database.ts'
import { Interner } from '../../storage/interning/interner.ts'
import { postgresNodeStore } from '../../storage/state-trie/node-store.ts'
import { rootFromBytes } from '../../storage/state-trie/state-root.ts'
import { StateTrie } from '../../storage/state-trie/state-trie.ts'
import { loadTrieSecret } from '../../storage/state-trie/trie-secret.ts'

/** The ids of the state after an event. */
type State = ReadonlySet<string>

/** The state after each event of a room that has one, by event id. */
export async function eventStates(address: DatabaseAddress, roomId: string): Promise<Map<string, State>> {
  const database = openDatabase(address)
  try {
    const { queries, pool } = database
    const roomNid = await new Interner(pool).findRoomNid(roomId)
    if (roomNid === undefined) return new Map()
    const trie = new StateTrie({ store: postgresNodeStore(pool), secret: await loadTrieSecret(queries) })
    const rows = await queries
      .selectFrom('event')
      .select(['event_nid', 'event_id', 'state_after_root'])
      .where('room_nid', '=', roomNid)
      .execute()
    const idOf = new Map(rows.map((row) => [row.event_nid, row.event_id]))
    const states = new Map<string, State>()
    for (const { event_id, state_after_root } of rows) {
      if (state_after_root === null) continue
      const entries = await trie.entries(roomNid, rootFromBytes(state_after_root))
      states.set(event_id, new Set(entries.map(({ eventNid }) => idOf.get(eventNid) ?? 'an event of no row')))
    }
    return states
  } finally {
    await database.close()
  }
}

/** Events whose state after them is not the same on two servers, with what each has that the others lack. */
export function differentStates(states: readonly ReadonlyMap<string, State>[]): string[] {
  const ids = new Set(states.flatMap((ofServer) => [...ofServer.keys()]))
  return [...ids].flatMap((eventId) => {
    const known = states.map((ofServer) => ofServer.get(eventId))
    const everywhere = (id: string): boolean => known.every((state) => state?.has(id) ?? true)
    const own = known.map((state) => state && [...state].filter((id) => !everywhere(id)))
    if (own.every((ids) => ids === undefined || ids.length === 0)) return []
    const told = own.map((ids, server) =>
      ids ? `s${server}: ${ids.join(' ') || 'nothing more'}` : undefined,
    )
    return [`after ${eventId}: ${told.filter((text) => text !== undefined).join('; ')}`]
  })
}
