import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { EventNid } from '../numeric-ids.ts'
import { EVENT_NID_BLOCK } from './event-nid-block.ts'

/** Hands out event numbers, unique in the database. */
export class EventNids {
  readonly #queries: Queries
  #next = 0
  #end = 0
  #refill: Promise<void> | undefined

  constructor(queries: Queries) {
    this.#queries = queries
  }

  /** A number that no event has. */
  async next(): Promise<EventNid> {
    while (this.#next >= this.#end) {
      this.#refill ??= this.#takeBlock().finally(() => (this.#refill = undefined))
      await this.#refill
    }
    return this.#next++ as EventNid
  }

  async #takeBlock(): Promise<void> {
    const { rows } = await sql<{ first: number }>`SELECT nextval('event_nid') AS first`.execute(this.#queries)
    this.#next = rows[0]!.first
    this.#end = this.#next + EVENT_NID_BLOCK
  }
}
