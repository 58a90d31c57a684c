import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { RoomNid, ServerNid } from '../numeric-ids.ts'
import type { StreamPosition } from '../position/position.ts'

/** What a server has not been told of a room. Without `until` the span goes on. */
export interface BacklogSpan {
  readonly roomNid: RoomNid
  /** Not included. */
  readonly after: StreamPosition
  readonly until: StreamPosition | undefined
}

export interface ServerBacklogSpan extends BacklogSpan {
  readonly serverNid: ServerNid
}

/** There is one sender of this name until several processes share the work. */
const SENDER = 'main'

/** The cursor; undefined before the first save. */
export async function readOutboundCursor(queries: Queries): Promise<StreamPosition | undefined> {
  const row = await queries
    .selectFrom('outbound_cursor')
    .select('stream_pos')
    .where('sender', '=', SENDER)
    .executeTakeFirst()
  return row?.stream_pos
}

/** A stored span of a server that is known by name here. */
export interface StoredBacklogSpan extends BacklogSpan {
  readonly serverName: string
  /** Whether the server has anybody in the room now. */
  readonly stillJoined: boolean
}

/** Everything that waits for servers that were away, the oldest first. */
export async function readBacklogs(queries: Queries): Promise<StoredBacklogSpan[]> {
  const { rows } = await sql<{
    server_name: string
    room_nid: RoomNid
    after_pos: StreamPosition
    until_pos: StreamPosition | null
    still_joined: boolean
  }>`
    SELECT server.server_name, span.room_nid, span.after_pos, span.until_pos, EXISTS (
             SELECT FROM membership JOIN matrix_user USING (user_nid)
              WHERE membership.room_nid = span.room_nid AND membership.membership = 'join'
                AND matrix_user.server_nid = span.server_nid) AS still_joined
      FROM destination_backlog AS span JOIN server USING (server_nid)
     ORDER BY span.after_pos`.execute(queries)
  return rows.map((row) => ({
    serverName: row.server_name,
    roomNid: row.room_nid,
    after: row.after_pos,
    until: row.until_pos ?? undefined,
    stillJoined: row.still_joined,
  }))
}

/** Moves the cursor and changes the backlogs in one transaction. */
export async function saveOutboundProgress(
  queries: Queries,
  cursor: StreamPosition,
  removed: readonly ServerBacklogSpan[],
  added: readonly ServerBacklogSpan[],
): Promise<void> {
  await queries.transaction().execute(async (transaction) => {
    if (removed.length > 0) {
      await sql`
        DELETE FROM destination_backlog AS span
         USING unnest(${removed.map((span) => span.serverNid)}::bigint[],
                      ${removed.map((span) => span.roomNid)}::bigint[],
                      ${removed.map((span) => span.after)}::bigint[]) AS gone(server_nid, room_nid, after_pos)
         WHERE span.server_nid = gone.server_nid AND span.room_nid = gone.room_nid
           AND span.after_pos = gone.after_pos`.execute(transaction)
    }
    if (added.length > 0) {
      await sql`
        INSERT INTO destination_backlog (server_nid, room_nid, after_pos, until_pos)
        SELECT * FROM unnest(${added.map((span) => span.serverNid)}::bigint[],
                             ${added.map((span) => span.roomNid)}::bigint[],
                             ${added.map((span) => span.after)}::bigint[],
                             ${added.map((span) => span.until ?? null)}::bigint[])
        ON CONFLICT (server_nid, room_nid, after_pos) DO UPDATE SET until_pos = excluded.until_pos`.execute(
        transaction,
      )
    }
    await transaction
      .insertInto('outbound_cursor')
      .values({ sender: SENDER, stream_pos: cursor })
      .onConflict((conflict) => conflict.column('sender').doUpdateSet({ stream_pos: cursor }))
      .execute()
  })
}
