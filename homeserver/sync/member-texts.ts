import { LRUCache } from 'lru-cache'
import { eventWriteOf } from '../../storage/events/event-write.ts'
import type { EventNid, RoomNid, StateKeyNid, TypeNid } from '../../storage/numeric-ids.ts'
import type { CommittedWrite } from '../../storage/position/committed-write.ts'
import { currentEventsOfType } from '../../storage/sync/current-events-of-type.ts'
import { clientText } from '../history/event-text.ts'
import type { ReadServices } from '../history/read-services.ts'
import { MemberBlock } from './member-block.ts'
import type { ByRoom } from './sync-services.ts'
import { stateChangeOf } from '../../storage/partial-joins/settled-state.ts'

/** What this cache may hold: a hundred thousand members, in the rooms that are asked for the most. */
const MAX_BYTES = 40 * 1024 * 1024
/** A room without members, and what a member takes beside its text. */
const ROOM_BYTES = 500
const MEMBER_BYTES = 30

/** The current member events of one room. */
export interface RoomMemberTexts {
  /** In the format of clients, without `unsigned`. */
  readonly block: MemberBlock
  /** Those that were redacted, whose text depends on who reads. */
  readonly redacted: readonly RedactedMember[]
}

interface RedactedMember {
  readonly stateKeyNid: StateKeyNid
  readonly eventNid: EventNid
}

/**
 * The members of whole rooms as clients get them that do not load them lazily: the same texts for everybody, and a
 * fifth of what the events themselves take in memory. An answer sends the very bytes that are kept.
 */
export class MemberTexts {
  readonly #queries: ReadServices['queries']
  readonly #memberType: TypeNid
  readonly #rooms = new LRUCache<RoomNid, RoomMemberTexts>({
    maxSize: MAX_BYTES,
    sizeCalculation: sizeOf,
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
      const change = stateChangeOf(committed)
      if (!change) continue
      const changes = change.stateChanges.some(({ typeNid }) => typeNid === this.#memberType)
      if (!changes && (write?.redactions.length ?? 0) === 0) continue
      this.#absorbed += 1
      this.#rooms.delete(change.roomNid)
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
    const texts = new Map(roomNids.map((roomNid) => [roomNid, new Map<StateKeyNid, string>()]))
    const redacted = new Map<RoomNid, RedactedMember[]>()
    for (const stored of await currentEventsOfType(this.#queries, roomNids, this.#memberType)) {
      const { roomNid, eventNid, stateKeyNid, redactedBy } = stored
      if (stateKeyNid === undefined) continue
      if (redactedBy === undefined) texts.get(roomNid)!.set(stateKeyNid, clientText(stored))
      else redacted.set(roomNid, [...(redacted.get(roomNid) ?? []), { stateKeyNid, eventNid }])
    }
    const loaded = new Map(
      Array.from(texts, ([roomNid, own]) => [
        roomNid,
        { block: new MemberBlock(own), redacted: redacted.get(roomNid) ?? [] },
      ]),
    )
    // What was committed while this was read may not be in it.
    if (this.#absorbed === absorbedBefore) {
      for (const [roomNid, room] of loaded) this.#rooms.set(roomNid, room)
    }
    return loaded
  }
}

function sizeOf({ block, redacted }: RoomMemberTexts): number {
  return ROOM_BYTES + block.bytes.length + MEMBER_BYTES * (block.count + redacted.length)
}
