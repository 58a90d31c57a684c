import type { Generated } from 'kysely'
import type { RoomNid } from '../numeric-ids.ts'

/** Received events that wait for their causes. */
export interface InboundPduTable {
  room_nid: RoomNid
  event_id: string
  /** Their order of arrival. */
  arrival: Generated<number>
  /** The server that sent it. */
  origin: string
  pdu: Buffer
  received_ts: number
}
