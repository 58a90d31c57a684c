import { sql } from 'kysely'
import { parseJson } from '../../protocol/json/parse.ts'
import { isJsonObject } from '../../protocol/json/value.ts'
import { redactPdu } from '../../protocol/events/redact.ts'
import { roomVersion } from '../../protocol/room-versions/room-versions.ts'
import { anyOf } from '../any-of.ts'
import type { Queries } from '../database.ts'
import { REJECTED } from '../events/verdict.ts'
import type { EventNid, RoomNid } from '../numeric-ids.ts'

/** A stored event in its federation form, as other servers are given it: redacted when it is redacted. */
export interface PduText {
  readonly eventId: string
  /** JSON bytes. */
  readonly pdu: Buffer
  readonly authEventIds: readonly string[]
}

/** The federation form of events of one room, by number. They are not parsed: a state may have 100,000 of them. */
export async function pduTextsByNid(
  queries: Queries,
  roomNid: RoomNid,
  nids: readonly EventNid[],
): Promise<PduText[]> {
  if (nids.length === 0) return []
  return read(select(queries, roomNid).where('event.event_nid', '=', anyOf(nids)))
}

/** The same by id; rejected events are left out. */
export async function pduTextsById(
  queries: Queries,
  roomNid: RoomNid,
  eventIds: readonly string[],
): Promise<PduText[]> {
  if (eventIds.length === 0) return []
  return read(
    select(queries, roomNid)
      .where('event.event_id', '=', anyOf(eventIds))
      .where('event.verdict', '!=', REJECTED),
  )
}

/** Ids of events of one room, by number. */
export async function eventIdsByNid(
  queries: Queries,
  roomNid: RoomNid,
  nids: readonly EventNid[],
): Promise<string[]> {
  if (nids.length === 0) return []
  const rows = await queries
    .selectFrom('event')
    .select('event_id')
    .where('room_nid', '=', roomNid)
    .where('event_nid', '=', anyOf(nids))
    .execute()
  return rows.map((row) => row.event_id)
}

function select(queries: Queries, roomNid: RoomNid) {
  return queries
    .selectFrom('event')
    .innerJoin('room', 'room.room_nid', 'event.room_nid')
    .select(['event.event_id', 'event.pdu', 'event.auth_event_ids', 'event.redacted_by', 'room.room_version'])
    .where('event.room_nid', '=', roomNid)
}

async function read(query: ReturnType<typeof select>): Promise<PduText[]> {
  const rows = await query.execute()
  return rows.map((row) => ({
    eventId: row.event_id,
    pdu: row.redacted_by === null ? row.pdu : redactedText(row.pdu, row.room_version ?? ''),
    authEventIds: row.auth_event_ids,
  }))
}

function redactedText(bytes: Buffer, versionId: string): Buffer {
  const pdu = parseJson(bytes)
  const version = roomVersion(versionId)
  if (!version || !isJsonObject(pdu)) throw new Error('a stored event cannot be read')
  return Buffer.from(JSON.stringify(redactPdu(pdu, version)))
}

/** Ids of everything that events of one room name as their auth events. */
export async function authEventIdsOf(
  queries: Queries,
  roomNid: RoomNid,
  nids: readonly EventNid[],
): Promise<string[]> {
  if (nids.length === 0) return []
  const rows = await queries
    .selectFrom('event')
    .select(sql<string>`unnest(auth_event_ids)`.as('id'))
    .distinct()
    .where('room_nid', '=', roomNid)
    .where('event_nid', '=', anyOf(nids))
    .execute()
  return rows.map((row) => row.id)
}
