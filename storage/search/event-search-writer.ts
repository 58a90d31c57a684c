import { sql, type RawBuilder } from 'kysely'
import type { Queries } from '../database.ts'
import type { EventNid, RoomNid, UserNid } from '../numeric-ids.ts'
import type { EventPlace } from './searchable-places.ts'

/** What of an event is found by which of the keys that a search may name. */
export const SEARCH_KEYS = { 'content.body': 1, 'content.name': 2, 'content.topic': 3 } as const

export type SearchKey = keyof typeof SEARCH_KEYS

/** An event to be found by a text that it has or had, freed of what `text` columns cannot hold. */
export interface SearchableEvent extends EventPlace {
  readonly key: SearchKey
  readonly historyPos: number
  /** The event that gave the text: itself or an edit; and where that stands. */
  readonly textNid: EventNid
  readonly textPos: number
  /** Where the next edit stands; undefined for the text of now. */
  readonly replacedPos: number | undefined
  readonly originServerTs: number
  readonly senderNid: UserNid
  readonly text: string
}

/** The words of a text in several languages. Only names of text search configurations may be passed. */
export function vectorOf(languages: readonly string[], text: RawBuilder<string>): RawBuilder<string> {
  return sql`(${sql.join(
    languages.map((language) => sql`to_tsvector(${language}::regconfig, ${text})`),
    sql` || `,
  )})`
}

/** Makes texts findable; what was known of each before is replaced. One statement whatever their number. */
export async function putSearchable(
  queries: Queries,
  events: readonly SearchableEvent[],
  languages: readonly string[],
): Promise<void> {
  if (events.length === 0) return
  const column = <Value>(value: (event: SearchableEvent) => Value): Value[] => events.map(value)
  await sql`
    INSERT INTO event_search AS known
      (room_nid, event_nid, text_nid, key, history_pos, text_pos, replaced_pos, origin_server_ts, sender_nid,
       languages, vector)
    SELECT room_nid, event_nid, text_nid, key, history_pos, text_pos, replaced_pos, origin_server_ts, sender_nid, ${languages.join(' ')},
           ${vectorOf(languages, sql`words`)} || array_to_tsvector(ARRAY['room ' || room_nid])
      FROM unnest(
        ${column(({ roomNid }) => roomNid)}::bigint[], ${column(({ eventNid }) => eventNid)}::bigint[],
        ${column(({ textNid }) => textNid)}::bigint[], ${column(({ key }) => SEARCH_KEYS[key])}::smallint[],
        ${column(({ historyPos }) => historyPos)}::bigint[], ${column(({ textPos }) => textPos)}::bigint[],
        ${column(({ replacedPos }) => replacedPos ?? null)}::bigint[],
        ${column(({ originServerTs }) => originServerTs)}::bigint[],
        ${column(({ senderNid }) => senderNid)}::bigint[], ${column(({ text }) => text)}::text[]
      ) AS e(room_nid, event_nid, text_nid, key, history_pos, text_pos, replaced_pos, origin_server_ts, sender_nid, words)
    ON CONFLICT (room_nid, event_nid, text_nid) DO UPDATE
       SET languages = excluded.languages, vector = excluded.vector, replaced_pos = excluded.replaced_pos
     WHERE known.vector <> excluded.vector OR known.languages <> excluded.languages
        OR known.replaced_pos IS DISTINCT FROM excluded.replaced_pos`.execute(queries)
}

/** Has events found by no other texts than these. */
export async function keepSearchable(
  queries: Queries,
  places: readonly EventPlace[],
  texts: readonly Pick<SearchableEvent, 'textNid'>[],
): Promise<void> {
  if (places.length === 0) return
  await sql`
    DELETE FROM event_search AS s
     USING unnest(${places.map(({ roomNid }) => roomNid)}::bigint[],
                  ${places.map(({ eventNid }) => eventNid)}::bigint[]) AS known(room_nid, event_nid)
     WHERE s.room_nid = known.room_nid AND s.event_nid = known.event_nid
       AND s.text_nid <> ALL(${texts.map(({ textNid }) => textNid)}::bigint[])`.execute(queries)
}

/** Findable events after a place whose words were reduced by other languages, in the order of rooms and numbers. */
export async function searchableInOtherLanguages(
  queries: Queries,
  languages: readonly string[],
  after: EventPlace | undefined,
  limit: number,
): Promise<EventPlace[]> {
  const { roomNid, eventNid } = after ?? { roomNid: 0 as RoomNid, eventNid: 0 as EventNid }
  const { rows } = await sql<EventPlace>`
    SELECT room_nid AS "roomNid", event_nid AS "eventNid" FROM event_search
     WHERE (room_nid, event_nid) > (${roomNid}::bigint, ${eventNid}::bigint) AND languages <> ${languages.join(' ')}
     ORDER BY room_nid, event_nid LIMIT ${limit}`.execute(queries)
  return rows
}
