import { LRUCache } from 'lru-cache'
import type { Queries } from '../../../storage/database.ts'
import { eventWriteOf } from '../../../storage/events/event-write.ts'
import type { RoomNid, UserNid } from '../../../storage/numeric-ids.ts'
import type { CommittedWrite } from '../../../storage/position/committed-write.ts'
import type { StreamPosition } from '../../../storage/position/position.ts'
import type { Pusher } from '../../../storage/pushers/pusher.ts'
import { pushingMembers } from '../../../storage/push/events-to-push.ts'

/** Rooms with traffic at the same time. */
const MAX_ROOMS = 20_000

type Members = ReadonlyMap<UserNid, StreamPosition>

/** Which members of rooms have pushers, with the beginning of their stay: in memory, kept by the stream. */
export class PushingMembers {
  readonly #queries: Queries
  readonly #kind: Pusher['kind']
  readonly #hasPushers: (userNid: UserNid) => boolean
  readonly #rooms = new LRUCache<RoomNid, Promise<Map<UserNid, StreamPosition>>>({
    maxSize: MAX_ROOMS,
    sizeCalculation: () => 1,
  })

  /** @param kind of the pushers. */
  constructor(queries: Queries, kind: Pusher['kind'], hasPushers: (userNid: UserNid) => boolean) {
    this.#queries = queries
    this.#kind = kind
    this.#hasPushers = hasPushers
  }

  /** Those of a room. */
  of(roomNid: RoomNid): Promise<Members> {
    const known = this.#rooms.get(roomNid)
    if (known) return known
    const members = pushingMembers(this.#queries, roomNid, this.#kind)
    this.#rooms.set(roomNid, members)
    members.catch(() => this.#rooms.delete(roomNid))
    return members
  }

  /** A user has got a first pusher, or has lost the last one: which rooms that concerns is asked anew. */
  forgetAll(): void {
    this.#rooms.clear()
  }

  /** Keeps up with what is committed. */
  absorb(writes: readonly CommittedWrite[]): void {
    for (const committed of writes) {
      const event = eventWriteOf(committed)
      if (!event || event.memberships.length === 0) continue
      void this.#rooms.peek(event.roomNid)?.then(
        (members) => {
          for (const { userNid, membership } of event.memberships) {
            if (membership !== 'join') members.delete(userNid)
            else if (this.#hasPushers(userNid) && !members.has(userNid))
              members.set(userNid, committed.position)
          }
        },
        () => undefined,
      )
    }
  }
}
