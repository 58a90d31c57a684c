import pg from 'pg'
import type { Verdict } from '../../protocol/events/room-event.ts'
import type { JsonObject } from '../../protocol/json/value.ts'
import type { DatabaseAddress } from '../../storage/database.ts'
import { verdictOf } from '../../storage/events/verdict.ts'

/** An event as one server holds it. */
export interface HeldEvent {
  readonly eventId: string
  readonly type: string
  readonly sender: string
  readonly verdict: Verdict
  /** Whether it has a place in the room's history, where clients can meet it. */
  readonly inHistory: boolean
  /** Known as a part of states and auth chains only. */
  readonly outlier: boolean
  readonly prevEvents: readonly string[]
  readonly body: string | undefined
  /** As it is stored. */
  readonly pdu: JsonObject
}

/** What one server holds of a room. */
export interface RoomContents {
  /** Those in history first, in its order. */
  readonly events: readonly HeldEvent[]
  /** Event id by type and state key. */
  readonly state: ReadonlyMap<string, string>
  /** The forward extremities that are accepted, in the order of their ids. */
  readonly extremities: readonly string[]
}

const EVENTS = `
  SELECT e.event_id, t.type, u.user_id, e.verdict, e.history_pos IS NOT NULL AS in_history, e.outlier, e.prev_event_ids, e.pdu
  FROM event e JOIN room r USING (room_nid) JOIN event_type t USING (type_nid)
    JOIN matrix_user u ON u.user_nid = e.sender_nid
  WHERE r.room_id = $1 ORDER BY e.history_pos NULLS LAST, e.event_nid`

const STATE = `
  SELECT t.type, k.state_key, e.event_id
  FROM current_state s JOIN room r USING (room_nid) JOIN event_type t USING (type_nid)
    JOIN state_key k USING (state_key_nid) JOIN event e USING (room_nid, event_nid)
  WHERE r.room_id = $1`

const EXTREMITIES = `
  SELECT e.event_id
  FROM forward_extremity f JOIN room r USING (room_nid) JOIN event e USING (room_nid, event_nid)
  WHERE r.room_id = $1 AND e.verdict = 0 ORDER BY e.event_id`

interface EventRow {
  readonly event_id: string
  readonly type: Buffer
  readonly user_id: string
  readonly verdict: number
  readonly in_history: boolean
  readonly outlier: boolean
  readonly prev_event_ids: readonly string[]
  readonly pdu: Buffer
}

/** Reads a server's database, past the server. */
export async function readRoomContents(address: DatabaseAddress, roomId: string): Promise<RoomContents> {
  const client = new pg.Client(address)
  await client.connect()
  try {
    const events = await client.query<EventRow>(EVENTS, [roomId])
    const state = await client.query<{ type: Buffer; state_key: Buffer; event_id: string }>(STATE, [roomId])
    const extremities = await client.query<{ event_id: string }>(EXTREMITIES, [roomId])
    return {
      events: events.rows.map((row) => toldBy(row, JSON.parse(row.pdu.toString()) as JsonObject)),
      state: new Map(state.rows.map((row) => [`${row.type} ${row.state_key}`, row.event_id])),
      extremities: extremities.rows.map((row) => row.event_id),
    }
  } finally {
    await client.end()
  }
}

function toldBy(row: EventRow, pdu: JsonObject): HeldEvent {
  const { body } = pdu['content'] as JsonObject
  return {
    eventId: row.event_id,
    type: row.type.toString(),
    sender: row.user_id,
    verdict: verdictOf(row.verdict),
    inHistory: row.in_history,
    outlier: row.outlier,
    prevEvents: row.prev_event_ids,
    body: typeof body === 'string' ? body : undefined,
    pdu,
  }
}
