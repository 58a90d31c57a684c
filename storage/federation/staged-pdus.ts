import { anyOf } from '../any-of.ts'
import type { Queries } from '../database.ts'
import type { RoomNid } from '../numeric-ids.ts'

/** A received event that waits for its causes. */
export interface StagedPdu {
  readonly roomNid: RoomNid
  readonly eventId: string
  /** The server that sent it. */
  readonly origin: string
  /** JSON. */
  readonly pdu: Buffer
  /** Milliseconds since the epoch. */
  readonly receivedTs: number
}

/** Stages events; one that waits already keeps its place. Durable when it resolves. */
export async function stagePdus(queries: Queries, staged: readonly StagedPdu[]): Promise<void> {
  if (staged.length === 0) return
  await queries
    .insertInto('inbound_pdu')
    .values(
      staged.map((pdu) => ({
        room_nid: pdu.roomNid,
        event_id: pdu.eventId,
        origin: pdu.origin,
        pdu: pdu.pdu,
        received_ts: pdu.receivedTs,
      })),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** The events of a room that wait, in the order of their arrival. */
export async function stagedPdus(queries: Queries, roomNid: RoomNid, limit: number): Promise<StagedPdu[]> {
  return queries
    .selectFrom('inbound_pdu')
    .select(['room_nid as roomNid', 'event_id as eventId', 'origin', 'pdu', 'received_ts as receivedTs'])
    .where('room_nid', '=', roomNid)
    .orderBy('arrival')
    .limit(limit)
    .execute()
}

/** When the next of a room's staged events may be tried again; undefined when none waits. */
export async function nextStagedRetry(queries: Queries, roomNid: RoomNid): Promise<number | undefined> {
  const row = await queries
    .selectFrom('inbound_pdu')
    .leftJoin('failed_pull', (join) =>
      join
        .onRef('failed_pull.room_nid', '=', 'inbound_pdu.room_nid')
        .onRef('failed_pull.event_id', '=', 'inbound_pdu.event_id'),
    )
    .select((row) => row.fn.min(row.fn.coalesce('failed_pull.retry_ts', row.val(0))).as('next'))
    .where('inbound_pdu.room_nid', '=', roomNid)
    .executeTakeFirst()
  return row?.next ?? undefined
}

/** How many events of a room wait. */
export async function countStagedPdus(queries: Queries, roomNid: RoomNid): Promise<number> {
  const row = await queries
    .selectFrom('inbound_pdu')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('room_nid', '=', roomNid)
    .executeTakeFirstOrThrow()
  return row.count
}

/** Forgets staged events. */
export async function removeStagedPdus(
  queries: Queries,
  roomNid: RoomNid,
  eventIds: readonly string[],
): Promise<void> {
  if (eventIds.length === 0) return
  await queries
    .deleteFrom('inbound_pdu')
    .where('room_nid', '=', roomNid)
    .where('event_id', '=', anyOf(eventIds))
    .execute()
}
