import { sql } from 'kysely'
import { anyOf } from '../any-of.ts'
import type { Queries } from '../database.ts'
import type { EventNid, RoomNid, StateKeyNid, TypeNid } from '../numeric-ids.ts'
import type { StreamPosition } from '../position/position.ts'
import type { StateTupleNids } from '../state-trie/trie-node.ts'

/** A room that is or was partially joined. */
export interface PartialJoinRow {
  readonly roomNid: RoomNid
  readonly servers: readonly string[]
  readonly begunPos: StreamPosition
  readonly begunTs: number
  readonly eventsExpected: number | undefined
  readonly eventsFetched: number
  readonly givenUpTs: number | undefined
  readonly completedPos: StreamPosition | undefined
}

/** All partial joins, those that are complete with them. */
export async function partialJoins(queries: Queries): Promise<PartialJoinRow[]> {
  const rows = await queries.selectFrom('partial_join').selectAll().orderBy('begun_pos').execute()
  return rows.map((row) => ({
    roomNid: row.room_nid,
    servers: row.servers,
    begunPos: row.begun_pos,
    begunTs: row.begun_ts,
    eventsExpected: row.events_expected ?? undefined,
    eventsFetched: row.events_fetched,
    givenUpTs: row.given_up_ts ?? undefined,
    completedPos: row.completed_pos ?? undefined,
  }))
}

/** Notes how far the fetching of a room's state has come. */
export async function noteProgress(
  queries: Queries,
  roomNid: RoomNid,
  fetched: number,
  expected: number,
): Promise<void> {
  await queries
    .updateTable('partial_join')
    .set({ events_fetched: fetched, events_expected: expected })
    .where('room_nid', '=', roomNid)
    .execute()
}

/** Notes that the search for a room's members was given up, or begun again. */
export async function noteGivenUp(
  queries: Queries,
  roomNid: RoomNid,
  givenUpTs: number | null,
): Promise<void> {
  await queries
    .updateTable('partial_join')
    .set({ given_up_ts: givenUpTs })
    .where('room_nid', '=', roomNid)
    .execute()
}

/** Forgets a partial join of a room that nobody here is in any more. */
export async function forgetPartialJoin(queries: Queries, roomNid: RoomNid): Promise<void> {
  await queries.deleteFrom('partial_join').where('room_nid', '=', roomNid).execute()
}

/** Numbers of the events that came while a room was partially joined, in their order. */
export async function partialEvents(queries: Queries, roomNid: RoomNid): Promise<EventNid[]> {
  const rows = await queries
    .selectFrom('event')
    .select('event_nid')
    .where('room_nid', '=', roomNid)
    .where('partial_state', '=', true)
    .orderBy('event_nid')
    .execute()
  return rows.map((row) => row.event_nid)
}

/** The events from `from` on that follow any of `eventIds`. */
export async function followersOf(
  queries: Queries,
  roomNid: RoomNid,
  eventIds: readonly string[],
  from: EventNid,
): Promise<{ readonly eventNid: EventNid; readonly prevEvents: readonly string[] }[]> {
  if (eventIds.length === 0) return []
  const rows = await queries
    .selectFrom('event')
    .select(['event_nid', 'prev_event_ids'])
    .where('room_nid', '=', roomNid)
    .where('event_nid', '>=', from)
    .where('outlier', '=', false)
    .where(sql<boolean>`prev_event_ids && ${eventIds}::text[]`)
    .execute()
  return rows.map((row) => ({ eventNid: row.event_nid, prevEvents: row.prev_event_ids }))
}

/** An event as far as building a state takes it. */
export interface PlacedEvent {
  readonly eventId: string
  readonly eventNid: EventNid
  readonly typeNid: TypeNid
  readonly stateKeyNid: StateKeyNid
  readonly verdict: number
}

/** Those of some events of a room that are here and are state. */
export async function placedEvents(
  queries: Queries,
  roomNid: RoomNid,
  eventIds: readonly string[],
): Promise<PlacedEvent[]> {
  const rows = await queries
    .selectFrom('event')
    .select(['event_id', 'event_nid', 'type_nid', 'state_key_nid', 'verdict'])
    .where('event_id', '=', anyOf(eventIds))
    .where('room_nid', '=', roomNid)
    .where('state_key_nid', 'is not', null)
    .execute()
  return rows.map((row) => ({
    eventId: row.event_id,
    eventNid: row.event_nid,
    typeNid: row.type_nid,
    stateKeyNid: row.state_key_nid!,
    verdict: row.verdict,
  }))
}

/** What the table of current states says of a room. */
export async function currentStateRows(
  queries: Queries,
  roomNid: RoomNid,
): Promise<(StateTupleNids & { readonly eventNid: EventNid })[]> {
  const rows = await queries
    .selectFrom('current_state')
    .select(['type_nid', 'state_key_nid', 'event_nid'])
    .where('room_nid', '=', roomNid)
    .execute()
  return rows.map((row) => ({
    typeNid: row.type_nid,
    stateKeyNid: row.state_key_nid,
    eventNid: row.event_nid,
  }))
}

/** Names of the servers of those who sent some events of a room. */
export async function serversOfSenders(
  queries: Queries,
  roomNid: RoomNid,
  nids: readonly EventNid[],
): Promise<string[]> {
  if (nids.length === 0) return []
  const rows = await queries
    .selectFrom('event')
    .innerJoin('matrix_user', 'matrix_user.user_nid', 'event.sender_nid')
    .innerJoin('server', 'server.server_nid', 'matrix_user.server_nid')
    .select('server.server_name')
    .distinct()
    .where('event.room_nid', '=', roomNid)
    .where('event.event_nid', '=', anyOf(nids))
    .execute()
  return rows.map((row) => row.server_name)
}
