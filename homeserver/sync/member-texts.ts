import { LRUCache } from 'lru-cache'
import { eventWriteOf } from '../../storage/events/event-write.ts'
import type { EventNid, RoomNid, StateKeyNid, TypeNid } from '../../storage/numeric-ids.ts'
import type { CommittedWrite } from '../../storage/position/committed-write.ts'
import { currentEventsOfType } from '../../storage/sync/current-events-of-type.ts'
import { clientText } from '../history/event-text.ts'
import type { ReadServices } from '../history/read-services.ts'
import type { ByRoom } from './sync-services.ts'

/** Characters of texts that are kept: a hundred thousand members in the rooms that are asked for the most. */
const MAX_CHARACTERS = 40 * 1024 * 1024
/** What an entry takes beside its text. */
const ENTRY_CHARACTERS = 60

/** The current member events of one room. */
export interface RoomMemberTexts {
  /** JSON texts in the format of clients, without `unsigned`. */
  readonly texts: ReadonlyMap<StateKeyNid, string>
  /** Those that were redacted, whose text depends on who reads. */
  readonly redacted: readonly { readonly stateKeyNid: StateKeyNid; readonly eventNid: EventNid }[]
}

/**
 * The members of whole rooms as clients get them that do not load them lazily: the same texts for everybody, and a
 * fifth of what the events themselves take in memory.
 */
export class MemberTexts {
  readonly #queries: ReadServices['queries']
  readonly #memberType: TypeNid
  readonly #rooms = new LRUCache<RoomNid, RoomMemberTexts>({
    maxSize: MAX_CHARACTERS,
    sizeCalculation: charactersOf,
  })
  #absorbed = 0

  /** @param memberType the number of `m.room.member`. */
  constructor({ queries }: Pick<ReadServices, 'queries'>, memberType: TypeNid) {
    this.#queries = queries
    this.#memberType = memberType
  }

  /** Keeps up with what is committed. */
  absorb(writes: readonly CommittedWrite[]): void {
    for (const committed of writes) {
      const write = eventWriteOf(committed)
      if (!write) continue
      const changes = write.stateChanges.some(({ typeNid }) => typeNid === this.#memberType)
      if (!changes && write.redactions.length === 0) continue
      this.#absorbed += 1
      this.#rooms.delete(write.roomNid)
    }
  }

  /** The members of rooms, with one query for all that are not at hand. */
  async of(roomNids: readonly RoomNid[]): Promise<ByRoom<RoomMemberTexts>> {
    const found = new Map<RoomNid, RoomMemberTexts>()
    const unknown: RoomNid[] = []
    for (const roomNid of roomNids) {
      const known = this.#rooms.get(roomNid)
      if (known) found.set(roomNid, known)
      else unknown.push(roomNid)
    }
    if (unknown.length > 0) for (const [roomNid, room] of await this.#load(unknown)) found.set(roomNid, room)
    return found
  }

  async #load(roomNids: readonly RoomNid[]): Promise<ByRoom<RoomMemberTexts>> {
    const absorbedBefore = this.#absorbed
    const loaded = new Map(
      roomNids.map((roomNid) => [
        roomNid,
        {
          texts: new Map<StateKeyNid, string>(),
          redacted: [] as { stateKeyNid: StateKeyNid; eventNid: EventNid }[],
        },
      ]),
    )
    for (const stored of await currentEventsOfType(this.#queries, roomNids, this.#memberType)) {
      const { roomNid, eventNid, stateKeyNid, redactedBy } = stored
      if (stateKeyNid === undefined) continue
      const room = loaded.get(roomNid)!
      if (redactedBy === undefined) room.texts.set(stateKeyNid, clientText(stored))
      else room.redacted.push({ stateKeyNid, eventNid })
    }
    // What was committed while this was read may not be in it.
    if (this.#absorbed === absorbedBefore) {
      for (const [roomNid, room] of loaded) this.#rooms.set(roomNid, room)
    }
    return loaded
  }
}

function charactersOf({ texts, redacted }: RoomMemberTexts): number {
  let sum = ENTRY_CHARACTERS * (1 + texts.size + redacted.length)
  for (const text of texts.values()) sum += text.length
  return sum
}
