import { LRUCache } from 'lru-cache'
import { membershipIn } from '../../protocol/auth-rules/membership.ts'
import { eventsOfPlace } from '../../storage/history/history-reader.ts'
import type { RoomNid, UserNid } from '../../storage/numeric-ids.ts'
import { roomRelations } from '../../storage/sliding-sync/relation-reader.ts'
import type { UserRoom } from '../../storage/sync/user-rooms-reader.ts'
import type { ReadServices, Viewer } from '../history/read-services.ts'

/** Some hundred rooms of each user who syncs; about 150 bytes each. */
const MAX_RELATIONS = 200_000

/** How a user came to be where they are with a room. */
export interface Relation {
  /** Who invited, kicked or banned the user, or the user. */
  readonly senderNid: UserNid
  readonly forgotten: boolean
}

/** How users came to be invited to, or out of, rooms. What cannot change any more stays in memory. */
export class RoomRelations {
  readonly #services: ReadServices
  /** By user, room and moment. */
  readonly #leftByThemselves = new LRUCache<string, true>({
    maxSize: MAX_RELATIONS,
    sizeCalculation: () => 1,
  })
  readonly #everJoined = new LRUCache<string, boolean>({ maxSize: MAX_RELATIONS, sizeCalculation: () => 1 })

  constructor(services: ReadServices) {
    this.#services = services
  }

  /** Whether it is known already that the user has left a room of their own accord. */
  isLeftByThemselves(userNid: UserNid, room: UserRoom): boolean {
    return this.#leftByThemselves.has(keyOf(userNid, room))
  }

  /** How a user came to be where they are with rooms. One query. */
  async of(userNid: UserNid, rooms: readonly UserRoom[]): Promise<ReadonlyMap<RoomNid, Relation>> {
    const relations = await roomRelations(
      this.#services.queries,
      userNid,
      rooms.map(({ roomNid }) => roomNid),
    )
    for (const room of rooms) {
      const left = room.membership === 'leave' && relations.get(room.roomNid)?.senderNid === userNid
      if (left) this.#leftByThemselves.set(keyOf(userNid, room), true)
    }
    return relations
  }

  /** In which of these rooms a user has been a member at some time. Two queries at most. */
  async everJoined(viewer: Viewer, rooms: readonly UserRoom[]): Promise<ReadonlySet<RoomNid>> {
    const unknown = rooms.filter((room) => !this.#everJoined.has(keyOf(viewer.userNid, room)))
    if (unknown.length > 0) {
      const joined = await this.#readJoined(viewer, unknown)
      for (const room of unknown) this.#everJoined.set(keyOf(viewer.userNid, room), joined.has(room.roomNid))
    }
    const was = rooms.filter((room) => this.#everJoined.get(keyOf(viewer.userNid, room)) === true)
    return new Set(was.map(({ roomNid }) => roomNid))
  }

  async #readJoined(viewer: Viewer, rooms: readonly UserRoom[]): Promise<ReadonlySet<RoomNid>> {
    const { queries, interner, events } = this.#services
    const [typeNid, stateKeyNid] = await Promise.all([
      interner.typeNid('m.room.member'),
      interner.stateKeyNid(viewer.userId),
    ])
    const places = await eventsOfPlace(
      queries,
      rooms.map(({ roomNid }) => ({ roomNid, typeNid, stateKeyNid })),
    )
    const stored = [...(await events.byPlaces(places)).values()]
    return new Set(
      stored
        .filter(({ event, historyPos }) => historyPos !== undefined && membershipIn(event) === 'join')
        .map(({ roomNid }) => roomNid),
    )
  }
}

function keyOf(userNid: UserNid, { roomNid, since }: UserRoom): string {
  return `${userNid}/${roomNid}/${since}`
}
