import type { RoomNid } from '../../storage/numeric-ids.ts'
import type { TrackedUser } from './tracked-user.ts'

/**
 * In a room with more users than these who are about, their comings and goings are told to nobody: every one would
 * be told to every other. Whoever shares a smaller room with a user is told there.
 */
const MAX_TOLD_USERS = 500

interface RoomWithUsers {
  /** The version at which each user came into sight here. */
  readonly users: Map<TrackedUser, number>
  /** The version of the last change of any of them. */
  version: number
}

/** Which users of known presence are in which room, and where something has changed. */
export class RoomsWithUsers {
  readonly #rooms = new Map<RoomNid, RoomWithUsers>()

  /** A user is in a room, in sight since `version`. */
  add(roomNid: RoomNid, user: TrackedUser, version: number): void {
    const room = this.#rooms.get(roomNid) ?? { users: new Map(), version }
    this.#rooms.set(roomNid, room)
    room.users.set(user, version)
    room.version = version
    user.rooms.add(roomNid)
  }

  remove(roomNid: RoomNid, user: TrackedUser): void {
    user.rooms.delete(roomNid)
    const room = this.#rooms.get(roomNid)
    if (room?.users.delete(user) && room.users.size === 0) this.#rooms.delete(roomNid)
  }

  /** Marks the rooms of a user whose presence has changed. @returns those in which it is told. */
  mark(user: TrackedUser): RoomNid[] {
    const told: RoomNid[] = []
    for (const roomNid of user.rooms) {
      const room = this.#rooms.get(roomNid)
      if (!room) continue
      room.version = user.version
      if (room.users.size <= MAX_TOLD_USERS) told.push(roomNid)
    }
    return told
  }

  /** How many users of known presence are in a room. */
  sizeOf(roomNid: RoomNid): number {
    return this.#rooms.get(roomNid)?.users.size ?? 0
  }

  /** Whether any of the rooms has changed after `version`. */
  hasNews(roomNids: Iterable<RoomNid>, version: number): boolean {
    for (const roomNid of roomNids) {
      const room = this.#rooms.get(roomNid)
      if (room && room.version > version && room.users.size <= MAX_TOLD_USERS) return true
    }
    return false
  }

  /** Users in a room with news after `version`; undefined asks for everybody. */
  *usersIn(roomNid: RoomNid, version: number | undefined): Iterable<TrackedUser> {
    const room = this.#rooms.get(roomNid)
    if (!room || room.users.size > MAX_TOLD_USERS) return
    if (version !== undefined && room.version <= version) return
    for (const [user, inSightSince] of room.users) {
      if (version === undefined || user.version > version || inSightSince > version) yield user
    }
  }
}
