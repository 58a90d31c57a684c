import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { RoomNid } from '../numeric-ids.ts'
import { readCursor, saveCursor } from '../position/stream-cursor.ts'

const CONSUMER = 'state-collection'
/** Positions whose changes one transaction counts: well below a second. */
const POSITIONS_A_STEP = 100_000
/** Fewer changes leave too little behind to be worth a walk. */
export const MIN_CHANGES = 500
/** A walk is made once for this share of what it goes through, so that the cost of walks follows that of changes. */
const WALK_SHARE = 0.05

/** Counts the changes of state that were stored since it was last called. @param head the newest position. */
export async function countStateChanges(queries: Queries, head: number): Promise<void> {
  for (let counted = await readCursor(queries, CONSUMER); counted < head;) {
    const from = counted
    const to = Math.min(head, from + POSITIONS_A_STEP)
    await queries.transaction().execute(async (transaction) => {
      await sql`
        INSERT INTO state_collection (room_nid, changes)
        SELECT room_nid, count(*) FROM current_state_delta WHERE stream_pos > ${from} AND stream_pos <= ${to}
         GROUP BY room_nid
        ON CONFLICT (room_nid) DO UPDATE SET changes = state_collection.changes + excluded.changes`.execute(
        transaction,
      )
      await saveCursor(transaction, CONSUMER, to)
    })
    counted = to
  }
}

/** A room that has dead nodes in all likelihood, and how many changes speak for it. */
export interface DueRoom {
  readonly roomNid: RoomNid
  readonly roomId: string
  readonly changes: number
}

/** The rooms whose state has changed enough, those that changed most first. */
export async function roomsDueForCollection(queries: Queries, limit: number): Promise<readonly DueRoom[]> {
  const rows = await queries
    .selectFrom('state_collection as due')
    .innerJoin('room', 'room.room_nid', 'due.room_nid')
    .select(['due.room_nid', 'room.room_id', 'due.changes'])
    .where('due.changes', '>=', MIN_CHANGES)
    .where(sql<boolean>`due.changes >= due.live_nodes * ${WALK_SHARE}::float8`)
    .orderBy('due.changes', 'desc')
    .limit(limit)
    .execute()
  return rows.map((row) => ({ roomNid: row.room_nid, roomId: row.room_id, changes: row.changes }))
}

/** Notes that a room's nodes were collected, `changes` after the last time. */
export async function noteCollected(
  queries: Queries,
  { roomNid, changes }: Pick<DueRoom, 'roomNid' | 'changes'>,
  liveNodes: number,
): Promise<void> {
  await queries
    .updateTable('state_collection')
    .set((row) => ({ changes: row('changes', '-', changes), live_nodes: liveNodes }))
    .where('room_nid', '=', roomNid)
    .execute()
}
