import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { RoomNid, UserNid } from '../numeric-ids.ts'

/** Whose connection it is; a device may have several, told apart by what their client calls them. */
export interface ConnectionOwner {
  readonly userNid: UserNid
  readonly deviceId: string
  /** SHA-256 of the client's `conn_id`. */
  readonly connIdHash: Buffer
}

/** One position of a connection. */
export interface ConnectionPlace {
  readonly connectionNid: number
  readonly position: number
}

/** What is stored of a connection at one of its positions: JSON texts. */
export interface StoredConnection {
  readonly shared: string
  readonly rooms: ReadonlyMap<RoomNid, string>
  /** Milliseconds since the epoch. */
  readonly lastUsed: number
}

/** What an answer changes of a connection: JSON texts. */
export interface ConnectionChange {
  readonly shared: string
  /** Only rooms that have changed. */
  readonly rooms: ReadonlyMap<RoomNid, string>
}

/**
 * Begins a connection anew: what its owner had by this name ends. Of other connections of the device those least
 * lately used make room.
 *
 * @param maxOfDevice how many connections a device may have.
 * @param now milliseconds since the epoch.
 * @returns where it begins, and the connections that made room.
 */
export async function beginConnection(
  queries: Queries,
  { userNid, deviceId, connIdHash }: ConnectionOwner,
  { shared, rooms }: ConnectionChange,
  maxOfDevice: number,
  now: number,
): Promise<{ readonly place: ConnectionPlace; readonly ended: readonly number[] }> {
  return queries.transaction().execute(async (transaction) => {
    const { rows: ended } = await sql<{ connection_nid: number }>`
      DELETE FROM sliding_sync_connection WHERE connection_nid IN (
        SELECT connection_nid FROM sliding_sync_connection
         WHERE user_nid = ${userNid} AND device_id = ${deviceId} AND conn_id_hash <> ${connIdHash}
         ORDER BY last_used_ts DESC, connection_nid DESC OFFSET ${maxOfDevice - 1}) RETURNING connection_nid`.execute(
      transaction,
    )
    // Positions of one connection are never given out twice, so that a former life's are not taken for this one's.
    const { rows: places } = await sql<ConnectionPlace>`
      INSERT INTO sliding_sync_connection AS c (user_nid, device_id, conn_id_hash, position, shared, last_used_ts)
      VALUES (${userNid}, ${deviceId}, ${connIdHash}, 1, ${shared}, ${now})
      ON CONFLICT (user_nid, device_id, conn_id_hash) DO UPDATE
        SET position = c.position + 1, shared = excluded.shared, last_used_ts = excluded.last_used_ts,
            previous_position = NULL, previous_shared = NULL
      RETURNING connection_nid AS "connectionNid", position`.execute(transaction)
    const place = places[0]!
    await transaction
      .deleteFrom('sliding_sync_room')
      .where('connection_nid', '=', place.connectionNid)
      .execute()
    await writeRooms(transaction, place, rooms)
    return { place, ended: ended.map((row) => row.connection_nid) }
  })
}

/** What held at a position; undefined where the owner has no such connection, or it has left the position behind. */
export async function readConnection(
  queries: Queries,
  { userNid, deviceId, connIdHash }: ConnectionOwner,
  { connectionNid, position }: ConnectionPlace,
): Promise<StoredConnection | undefined> {
  // One statement, so that no answer that is being written comes in between.
  const { rows } = await sql<{
    shared: string
    last_used_ts: number
    room_nid: RoomNid | null
    state: string | null
  }>`
    SELECT CASE WHEN c.position = ${position} THEN c.shared ELSE c.previous_shared END AS shared, c.last_used_ts,
           r.room_nid, CASE WHEN r.position <= ${position} THEN r.state ELSE r.previous END AS state
      FROM sliding_sync_connection AS c LEFT JOIN sliding_sync_room AS r USING (connection_nid)
     WHERE connection_nid = ${connectionNid} AND user_nid = ${userNid} AND device_id = ${deviceId}
       AND conn_id_hash = ${connIdHash} AND ${position} IN (c.position, c.previous_position)`.execute(queries)
  const [first] = rows
  if (!first) return undefined
  const rooms = rows.flatMap(({ room_nid: roomNid, state }): [RoomNid, string][] =>
    roomNid === null || state === null ? [] : [[roomNid, state]],
  )
  return { shared: first.shared, lastUsed: first.last_used_ts, rooms: new Map(rooms) }
}

/**
 * Moves a connection on from `from`, which stays valid; every other position ends.
 *
 * @param now milliseconds since the epoch.
 * @returns the new position; undefined when `from` has ended meanwhile.
 */
export async function advanceConnection(
  queries: Queries,
  from: ConnectionPlace,
  { shared, rooms }: ConnectionChange,
  now: number,
): Promise<ConnectionPlace | undefined> {
  return queries.transaction().execute(async (transaction) => {
    const { rows } = await sql<{ position: number }>`
      UPDATE sliding_sync_connection
         SET previous_shared = CASE WHEN position = ${from.position} THEN shared ELSE previous_shared END,
             previous_position = ${from.position}, position = position + 1, shared = ${shared}, last_used_ts = ${now}
       WHERE connection_nid = ${from.connectionNid} AND ${from.position} IN (position, previous_position)
      RETURNING position`.execute(transaction)
    const position = rows[0]?.position
    if (position === undefined) return undefined
    // What an answer wrote that the client never took never happened.
    await sql`
      DELETE FROM sliding_sync_room WHERE connection_nid = ${from.connectionNid}
        AND position > ${from.position} AND previous IS NULL`.execute(transaction)
    await sql`
      UPDATE sliding_sync_room SET state = previous, previous = NULL, position = ${from.position}
       WHERE connection_nid = ${from.connectionNid} AND position > ${from.position}`.execute(transaction)
    const place = { connectionNid: from.connectionNid, position }
    await writeRooms(transaction, place, rooms)
    return place
  })
}

async function writeRooms(
  queries: Queries,
  { connectionNid, position }: ConnectionPlace,
  rooms: ReadonlyMap<RoomNid, string>,
): Promise<void> {
  if (rooms.size === 0) return
  await sql`
    INSERT INTO sliding_sync_room AS r (connection_nid, room_nid, position, state)
    SELECT ${connectionNid}::bigint, room_nid, ${position}::bigint, state
      FROM unnest(${[...rooms.keys()]}::bigint[], ${[...rooms.values()]}::text[]) AS n(room_nid, state)
    ON CONFLICT (connection_nid, room_nid)
      DO UPDATE SET previous = r.state, state = excluded.state, position = excluded.position`.execute(queries)
}

/** Notes that a connection is in use. @param now milliseconds since the epoch. */
export async function touchConnection(queries: Queries, connectionNid: number, now: number): Promise<void> {
  await queries
    .updateTable('sliding_sync_connection')
    .set({ last_used_ts: now })
    .where('connection_nid', '=', connectionNid)
    .execute()
}

/** Deletes connections that have not been used since `before` (milliseconds since the epoch). @returns how many. */
export async function deleteConnectionsBefore(
  queries: Queries,
  before: number,
  limit: number,
): Promise<number> {
  const { numAffectedRows } = await sql`
    DELETE FROM sliding_sync_connection WHERE connection_nid IN (
      SELECT connection_nid FROM sliding_sync_connection WHERE last_used_ts < ${before} LIMIT ${limit})`.execute(
    queries,
  )
  return Number(numAffectedRows ?? 0)
}
