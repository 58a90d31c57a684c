import { sql, type Insertable } from 'kysely'
import type { Queries } from '../database.ts'
import type { RoomNid } from '../numeric-ids.ts'
import type { StreamPosition } from '../position/position.ts'
import type { PublishedRoomTable } from '../schema/published-room.ts'

/** What the directory says of a room, as it is stored. */
export type PublishedRoomRow = Insertable<PublishedRoomTable>

/** Publishes rooms; of those that are published already, what is said of them is replaced. */
export async function putPublishedRooms(queries: Queries, rows: readonly PublishedRoomRow[]): Promise<void> {
  if (rows.length === 0) return
  await queries
    .insertInto('published_room')
    .values(rows)
    .onConflict((conflict) =>
      conflict.column('room_nid').doUpdateSet(({ ref }) => ({
        facts_pos: ref('excluded.facts_pos'),
        listed: ref('excluded.listed'),
        federated: ref('excluded.federated'),
        joined: ref('excluded.joined'),
        room_type: ref('excluded.room_type'),
        search_text: ref('excluded.search_text'),
        summary: ref('excluded.summary'),
      })),
    )
    .execute()
}

/** Every published room, whether it is listed at present or not, and whether that is in the general directory. */
export async function publishedRoomNids(queries: Queries): Promise<{ roomNid: RoomNid; general: boolean }[]> {
  return queries.selectFrom('published_room').select(['room_nid as roomNid', 'general']).execute()
}

/** Published rooms whose state has changed since what is said of them was read. */
export async function stalePublishedRooms(queries: Queries): Promise<RoomNid[]> {
  const rows = await queries
    .selectFrom('published_room as p')
    .select('p.room_nid')
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('current_state_delta as d')
          .select('d.room_nid')
          .whereRef('d.room_nid', '=', 'p.room_nid')
          .whereRef('d.stream_pos', '>', 'p.facts_pos'),
      ),
    )
    .execute()
  return rows.map((row) => row.room_nid)
}

/** The newest change of state of rooms; those without any are left out. */
export async function newestStateChanges(
  queries: Queries,
  roomNids: readonly RoomNid[],
): Promise<Map<RoomNid, StreamPosition>> {
  const { rows } = await sql<{ room_nid: RoomNid; newest: StreamPosition }>`
    SELECT r.room_nid, d.stream_pos AS newest
      FROM unnest(${roomNids}::bigint[]) AS r(room_nid)
      CROSS JOIN LATERAL (
        SELECT stream_pos FROM current_state_delta
         WHERE room_nid = r.room_nid ORDER BY stream_pos DESC LIMIT 1) AS d`.execute(queries)
  return new Map(rows.map((row) => [row.room_nid, row.newest]))
}
