import type { Queries } from '../database.ts'
import type { EventNid, RoomNid } from '../numeric-ids.ts'
import { rootFromBytes, type StateRoot } from '../state-trie/state-root.ts'

/** Rows of one query: two hashes each. */
const ROWS = 5_000

/** The roots of the states before and after all events of a room. Some come more than once. */
export async function* stateRootsOf(queries: Queries, roomNid: RoomNid): AsyncGenerator<StateRoot> {
  for (let after = 0 as EventNid; ;) {
    const rows = await queries
      .selectFrom('event')
      .select(['event_nid', 'state_before_root', 'state_after_root'])
      .where('room_nid', '=', roomNid)
      .where('event_nid', '>', after)
      .orderBy('event_nid')
      .limit(ROWS)
      .execute()
    const roots = rows.flatMap((row) => [row.state_before_root, row.state_after_root])
    yield* new Set(roots.filter((root) => root !== null).map(rootFromBytes))
    if (rows.length < ROWS) return
    after = rows.at(-1)!.event_nid
  }
}
