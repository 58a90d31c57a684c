import { LRUCache } from 'lru-cache'
import { eventWriteOf } from '../../storage/events/event-write.ts'
import type { EventNid, RoomNid, StateKeyNid, TypeNid } from '../../storage/numeric-ids.ts'
import type { CommittedWrite } from '../../storage/position/committed-write.ts'
import { currentPlaces } from '../../storage/sync/state-places-reader.ts'
import type { ReadServices } from '../history/read-services.ts'

/** Senders of busy rooms; about 120 bytes each. */
const MAX_MEMBERS = 200_000

/** A user's place in the state of a room. */
export interface MemberPlace {
  readonly roomNid: RoomNid
  readonly stateKeyNid: StateKeyNid
}

/** The membership events of rooms' current state, for lazy loading: in memory, kept by the stream. */
export class CurrentMembers {
  readonly #queries: ReadServices['queries']
  readonly #memberType: TypeNid
  readonly #members = new LRUCache<string, EventNid | 'none'>({
    maxSize: MAX_MEMBERS,
    sizeCalculation: () => 1,
  })

  /** @param memberType the number of `m.room.member`. */
  constructor({ queries }: Pick<ReadServices, 'queries'>, memberType: TypeNid) {
    this.#queries = queries
    this.#memberType = memberType
  }

  /** Keeps up with what is committed. */
  absorb(writes: readonly CommittedWrite[]): void {
    for (const committed of writes) {
      const write = eventWriteOf(committed)
      for (const { typeNid, stateKeyNid, eventNid } of write?.stateChanges ?? []) {
        if (typeNid !== this.#memberType) continue
        this.#members.set(keyOf({ roomNid: write!.roomNid, stateKeyNid }), eventNid ?? 'none')
      }
    }
  }

  /** The membership events at `places`, in their order; undefined where there is none. */
  async at(places: readonly MemberPlace[]): Promise<(EventNid | undefined)[]> {
    const unknown = places.filter((place) => !this.#members.has(keyOf(place)))
    if (unknown.length > 0) {
      const rows = await currentPlaces(
        this.#queries,
        unknown.map((place) => ({ ...place, typeNid: this.#memberType })),
      )
      const found = new Map(rows.map((row) => [keyOf(row), row.eventNid]))
      for (const place of unknown) {
        const key = keyOf(place)
        // A commit that came meanwhile knows better.
        if (!this.#members.has(key)) this.#members.set(key, found.get(key) ?? 'none')
      }
    }
    return places.map((place) => {
      const member = this.#members.get(keyOf(place))
      return member === 'none' ? undefined : member
    })
  }
}

function keyOf({ roomNid, stateKeyNid }: MemberPlace): string {
  return `${roomNid}/${stateKeyNid}`
}
