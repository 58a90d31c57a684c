import type { RoomEvent, Verdict } from '../../protocol/events/room-event.ts'
import { readEvent } from '../../protocol/events/read-event.ts'
import { parseJson } from '../../protocol/json/parse.ts'
import { isJsonObject } from '../../protocol/json/value.ts'
import { roomVersion } from '../../protocol/room-versions/room-versions.ts'
import type { Selectable } from 'kysely'
import type { EventNid, RoomNid, StateKeyNid, TypeNid, UserNid } from '../numeric-ids.ts'
import type { StreamPosition } from '../position/position.ts'
import type { EventTable } from '../schema/event.ts'
import { rootFromBytes, type StateRoot } from '../state-trie/state-root.ts'
import type { EventRow } from './event-write.ts'
import { verdictOf } from './verdict.ts'

/** An event as it stands in the database, its place and its fate beside it. */
export interface StoredEvent {
  readonly event: RoomEvent
  readonly roomNid: RoomNid
  readonly eventNid: EventNid
  readonly typeNid: TypeNid
  readonly stateKeyNid: StateKeyNid | undefined
  readonly senderNid: UserNid
  readonly verdict: Verdict
  readonly outlier: boolean
  /** The longest path of auth edges from it, where it was counted. */
  readonly authHeight: number | undefined
  readonly streamPos: StreamPosition | undefined
  readonly historyPos: number | undefined
  readonly unreadOrdinal: number
  readonly stateBefore: StateRoot | undefined
  readonly stateAfter: StateRoot | undefined
  readonly partialState: boolean
  /** The redaction that applies to it; readers serve the redacted form from then on. */
  readonly redactedBy: EventNid | undefined
  readonly receivedTs: number
  /** Of a delayed event (MSC4140), for its sender. */
  readonly delayId: string | undefined
  /** Bytes of the PDU, by which caches weigh it. */
  readonly size: number
}

/** The columns of `event` that a {@link StoredEvent} is made of, and the room's id and version beside them. */
export const STORED_EVENT_COLUMNS = [
  'event.room_nid',
  'event.event_nid',
  'event.event_id',
  'event.type_nid',
  'event.state_key_nid',
  'event.sender_nid',
  'event.verdict',
  'event.outlier',
  'event.auth_height',
  'event.stream_pos',
  'event.history_pos',
  'event.unread_ordinal',
  'event.state_before_root',
  'event.state_after_root',
  'event.partial_state',
  'event.redacted_by',
  'event.received_ts',
  'event.pdu',
  'event.delay_id',
  'room.room_id',
  'room.room_version',
] as const

export type StoredEventRow = Pick<
  Selectable<EventTable>,
  | 'room_nid'
  | 'event_nid'
  | 'event_id'
  | 'type_nid'
  | 'state_key_nid'
  | 'sender_nid'
  | 'verdict'
  | 'outlier'
  | 'auth_height'
  | 'stream_pos'
  | 'history_pos'
  | 'unread_ordinal'
  | 'state_before_root'
  | 'state_after_root'
  | 'partial_state'
  | 'redacted_by'
  | 'received_ts'
  | 'pdu'
  | 'delay_id'
> & { readonly room_id: string; readonly room_version: string | null }

/**
 * Reads a row.
 *
 * @throws Error when the row is not what the writer stores: the database was changed from outside.
 */
export function storedEvent(row: StoredEventRow): StoredEvent {
  const version = row.room_version === null ? undefined : roomVersion(row.room_version)
  const pdu = parseJson(row.pdu)
  if (!version || !isJsonObject(pdu))
    throw new Error(`event ${row.event_id} is stored in a form that cannot be read`)
  return {
    event: readEvent(pdu, version, { eventId: row.event_id, roomId: row.room_id }),
    roomNid: row.room_nid,
    eventNid: row.event_nid,
    typeNid: row.type_nid,
    stateKeyNid: row.state_key_nid ?? undefined,
    senderNid: row.sender_nid,
    verdict: verdictOf(row.verdict),
    outlier: row.outlier,
    authHeight: row.auth_height ?? undefined,
    streamPos: row.stream_pos ?? undefined,
    historyPos: row.history_pos ?? undefined,
    unreadOrdinal: row.unread_ordinal,
    stateBefore: row.state_before_root ? rootFromBytes(row.state_before_root) : undefined,
    stateAfter: row.state_after_root ? rootFromBytes(row.state_after_root) : undefined,
    partialState: row.partial_state,
    redactedBy: row.redacted_by ?? undefined,
    receivedTs: row.received_ts,
    delayId: row.delay_id ?? undefined,
    size: row.pdu.length,
  }
}

/** An event as it will stand in the database once its row is committed; its stream position is set then. */
export function storedFromRow(row: EventRow, roomNid: RoomNid): StoredEvent {
  return {
    event: row.event,
    roomNid,
    eventNid: row.eventNid,
    typeNid: row.typeNid,
    stateKeyNid: row.stateKeyNid,
    senderNid: row.senderNid,
    verdict: row.verdict,
    outlier: row.outlier,
    authHeight: row.authHeight,
    streamPos: undefined,
    historyPos: row.historyPos,
    unreadOrdinal: row.unreadOrdinal,
    stateBefore: row.stateBefore,
    stateAfter: row.stateAfter,
    partialState: row.partialState,
    redactedBy: row.redactedBy,
    receivedTs: row.receivedTs,
    delayId: row.delayId,
    size: row.pdu.length,
  }
}
