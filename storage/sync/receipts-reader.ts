import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { RoomNid, UserNid } from '../numeric-ids.ts'
import type { RoomStretch } from './state-places-reader.ts'

/** How far somebody has read a room or one of its threads. */
export interface Receipt {
  readonly roomNid: RoomNid
  readonly userNid: UserNid
  readonly receiptType: string
  /** The empty string for a receipt without thread. */
  readonly thread: string
  readonly eventId: string
  /** Milliseconds since the epoch. */
  readonly ts: number
}

/** The receipts that changed in stretches of rooms, private ones of all users with them. */
export async function receiptsIn(queries: Queries, stretches: readonly RoomStretch[]): Promise<Receipt[]> {
  if (stretches.length === 0) return []
  const { rows } = await sql<Receipt>`
    SELECT receipt.room_nid AS "roomNid", user_nid AS "userNid", receipt_type AS "receiptType", thread,
           event_id AS "eventId", receipt_ts AS ts
      FROM receipt JOIN unnest(${stretches.map(({ roomNid }) => roomNid)}::bigint[],
        ${stretches.map(({ after }) => after)}::bigint[], ${stretches.map(({ upTo }) => upTo)}::bigint[]
      ) AS s(room_nid, after, up_to)
        ON receipt.room_nid = s.room_nid AND stream_pos > s.after AND stream_pos <= s.up_to
     ORDER BY stream_pos, user_nid`.execute(queries)
  return rows
}
