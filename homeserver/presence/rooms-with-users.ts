import type { RoomNid } from '../../storage/numeric-ids.ts'
import { RoomWithUsers } from './room-with-users.ts'
import type { TrackedUser } from './tracked-user.ts'

/** Which users of known presence are in which room, and where something has changed. */
export class RoomsWithUsers {
  readonly #rooms = new Map<RoomNid, RoomWithUsers>()
  /** Large rooms in which something waits to be published. */
  readonly #gathering = new Set<RoomWithUsers>()

  /** A user is in a room, in sight since `version`. */
  add(roomNid: RoomNid, user: TrackedUser, version: number): void {
    const room = this.#rooms.get(roomNid) ?? new RoomWithUsers()
    this.#rooms.set(roomNid, room)
    room.add(user, version)
    user.rooms.add(roomNid)
  }

  /** A user is in a room no more. @param take gives the version of what that changes. */
  remove(roomNid: RoomNid, user: TrackedUser, take: () => number): void {
    user.rooms.delete(roomNid)
    const room = this.#rooms.get(roomNid)
    if (!room) return
    room.remove(user, take)
    if (room.size > 0) return
    this.#rooms.delete(roomNid)
    this.#gathering.delete(room)
  }

  /** A user said something in a room. */
  speak(roomNid: RoomNid, user: TrackedUser): void {
    const room = this.#rooms.get(roomNid)
    room?.speak(user)
    if (room?.isLarge) this.#gathering.add(room)
  }

  /** Marks the rooms of a user whose presence has changed. @returns those in which it is told at once. */
  mark(user: TrackedUser): RoomNid[] {
    return [...user.rooms].filter((roomNid) => {
      const room = this.#rooms.get(roomNid)
      if (!room) return false
      if (room.mark(user)) return true
      this.#gathering.add(room)
      return false
    })
  }

  /** Publishes what has gathered in large rooms. @param take gives the version of it. */
  publishLarge(take: () => number): void {
    const rooms = [...this.#gathering]
    this.#gathering.clear()
    if (rooms.length === 0) return
    const version = take()
    for (const room of rooms) room.publish(version)
  }

  /** Whether a room tells of some of its users alone, a while after they have changed. */
  isLarge(roomNid: RoomNid): boolean {
    return this.#rooms.get(roomNid)?.isLarge === true
  }

  /** How many users of known presence are in a room. */
  sizeOf(roomNid: RoomNid): number {
    return this.#rooms.get(roomNid)?.size ?? 0
  }

  /** Whether any of the rooms has changed after `version`. */
  hasNews(roomNids: Iterable<RoomNid>, version: number): boolean {
    for (const roomNid of roomNids) if (this.#rooms.get(roomNid)?.hasNews(version)) return true
    return false
  }

  /** Users in a room with news after `version`; undefined asks for everybody of whom the room tells. */
  usersIn(roomNid: RoomNid, version: number | undefined): Iterable<TrackedUser> {
    return this.#rooms.get(roomNid)?.newsAfter(version) ?? []
  }
}
