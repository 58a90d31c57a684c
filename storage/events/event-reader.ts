import { sql } from 'kysely'
import { anyOf } from '../any-of.ts'
import type { Queries } from '../database.ts'
import { isTextNameable } from '../interning/nameable.ts'
import type { EventNid, RoomNid } from '../numeric-ids.ts'
import { STORED_EVENT_COLUMNS, storedEvent, type StoredEvent } from './stored-event.ts'

/** Reads events by their ids, set-based: one query whatever the number. */
export class EventReader {
  readonly #queries: Queries

  constructor(queries: Queries) {
    this.#queries = queries
  }

  /**
   * The events that are here, by id, outliers and rejected ones with them. The ids may be any text: no event has one
   * that the column cannot hold.
   */
  async byIds(eventIds: readonly string[]): Promise<Map<string, StoredEvent>> {
    const possible = eventIds.filter(isTextNameable)
    if (possible.length === 0) return new Map()
    const rows = await this.#select().where('event.event_id', '=', anyOf(possible)).execute()
    return new Map(rows.map((row) => [row.event_id, storedEvent(row)]))
  }

  /** Events by number, of one or many rooms. */
  async byPlaces(
    places: readonly { roomNid: RoomNid; eventNid: EventNid }[],
  ): Promise<Map<EventNid, StoredEvent>> {
    if (places.length === 0) return new Map()
    const rows = await this.#select()
      .innerJoin(
        sql<{ room_nid: RoomNid; event_nid: EventNid }>`unnest(
          ${places.map(({ roomNid }) => roomNid)}::bigint[], ${places.map(({ eventNid }) => eventNid)}::bigint[]
        )`.as<'place'>(sql`place(room_nid, event_nid)`),
        (join) =>
          join
            .onRef('place.room_nid', '=', 'event.room_nid')
            .onRef('place.event_nid', '=', 'event.event_nid'),
      )
      .execute()
    return new Map(rows.map((row) => [row.event_nid, storedEvent(row)]))
  }

  #select() {
    return this.#queries
      .selectFrom('event')
      .innerJoin('room', 'room.room_nid', 'event.room_nid')
      .select(STORED_EVENT_COLUMNS)
  }
}
