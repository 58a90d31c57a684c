import { sql, type RawBuilder, type SqlBool } from 'kysely'
import type { Queries } from '../database.ts'
import type { EventNid, RoomNid, UserNid } from '../numeric-ids.ts'
import { SEARCH_KEYS, type SearchKey } from './event-search-writer.ts'
import type { EventPlace } from './searchable-places.ts'

/** Counts are estimates to clients; nobody looks beyond. */
const MAX_COUNT = 10_000
/** Beyond it the rooms are joined and not sought in the index: measured, 50 take ten times as long as the join. */
const MAX_ROOMS_BY_INDEX = 8

/** A room to search, up to the place where the user left. */
export interface SearchedRoom {
  readonly roomNid: RoomNid
  readonly until: number | undefined
}

/** What is sought where. */
export interface EventSearch {
  /** Of `compileSearch`. */
  readonly query: string
  readonly rooms: readonly SearchedRoom[]
  readonly keys: readonly SearchKey[]
  readonly senders: readonly UserNid[] | undefined
  readonly notSenders: readonly UserNid[]
  /** Whose messages the user does not want to see; what they make of a room's state counts. */
  readonly ignored: readonly UserNid[]
}

/** Where a found event stands among all, in either order. */
export interface FoundPlace {
  readonly rank: number
  readonly originServerTs: number
  readonly historyPos: number
  readonly eventNid: EventNid
}

/** A found event, and the event that gave the text by which it was found. */
export type FoundEvent = FoundPlace & EventPlace & { readonly textNid: EventNid }

export type SearchOrder = 'rank' | 'recent'

/** Found events after a place, the best or the newest first. */
export async function findEvents(
  queries: Queries,
  search: EventSearch,
  order: SearchOrder,
  after: FoundPlace | undefined,
  limit: number,
): Promise<FoundEvent[]> {
  const place = sql`origin_server_ts, history_pos, event_nid`
  const rank = sql`ts_rank(vector, ${search.query}::tsquery)`
  const newest = sql`origin_server_ts DESC, history_pos DESC, event_nid DESC`
  const beyond = after ? isBeyond(after, order) : sql<SqlBool>`true`
  const found =
    order === 'recent'
      ? sql`SELECT *, ${rank} AS rank FROM (
              SELECT s.* FROM ${matches(search)} AND ${beyond} ORDER BY ${newest} LIMIT ${limit}) AS page`
      : sql`SELECT * FROM (SELECT s.*, ${rank} AS rank FROM ${matches(search)}) AS ranked WHERE ${beyond}`
  const first = order === 'recent' ? newest : sql`rank DESC, ${newest}`
  const { rows } = await sql<FoundEvent>`
    SELECT room_nid AS "roomNid", event_nid AS "eventNid", text_nid AS "textNid", rank, origin_server_ts AS "originServerTs",
           history_pos AS "historyPos"
      FROM (${found}) AS found ORDER BY ${first} LIMIT ${limit}`.execute(queries)
  return rows

  function isBeyond(from: FoundPlace, by: SearchOrder): RawBuilder<SqlBool> {
    const values = sql`${from.originServerTs}::bigint, ${from.historyPos}::bigint, ${from.eventNid}::bigint`
    return by === 'recent'
      ? sql`(${place}) < (${values})`
      : sql`(rank, ${place}) < (${from.rank}::real, ${values})`
  }
}

/** How many there are, roughly: 10,000 at most. */
export async function countEvents(queries: Queries, search: EventSearch): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    SELECT count(*) AS count FROM (SELECT FROM ${matches(search)} LIMIT ${MAX_COUNT}) AS found`.execute(
    queries,
  )
  return rows[0]!.count
}

function matches({ query, rooms, keys, senders, notSenders, ignored }: EventSearch): RawBuilder<unknown> {
  const among = rooms.map(({ roomNid }) => `'room ${roomNid}'`).join('|')
  const wanted =
    rooms.length <= MAX_ROOMS_BY_INDEX
      ? sql`(${query}::tsquery && ${among}::tsquery)`
      : sql`${query}::tsquery`
  return sql`event_search AS s
    JOIN unnest(${rooms.map(({ roomNid }) => roomNid)}::bigint[], ${rooms.map(({ until }) => until ?? null)}::bigint[])
      AS searched(room_nid, until) ON searched.room_nid = s.room_nid
    WHERE s.vector @@ ${wanted} AND s.key = ANY(${keys.map((key) => SEARCH_KEYS[key])}::smallint[])
      AND CASE WHEN searched.until IS NULL THEN s.replaced_pos IS NULL
               ELSE greatest(s.history_pos, s.text_pos) <= searched.until
                    AND (s.replaced_pos IS NULL OR s.replaced_pos > searched.until) END
      AND (${senders ?? null}::bigint[] IS NULL OR s.sender_nid = ANY(${senders ?? null}::bigint[]))
      AND s.sender_nid <> ALL(${notSenders}::bigint[])
      AND (s.key <> ${SEARCH_KEYS['content.body']} OR s.sender_nid <> ALL(${ignored}::bigint[]))`
}
