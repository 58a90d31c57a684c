import { LRUCache } from 'lru-cache'
import { serverOf } from '../../protocol/identifiers/user-id.ts'
import type { Queries } from '../../storage/database.ts'
import type { MembershipChange } from '../../storage/events/event-write.ts'
import { joinedUsersByServer } from '../../storage/federation/servers-in-room.ts'
import type { Interner } from '../../storage/interning/interner.ts'
import type { RoomNid, UserNid } from '../../storage/numeric-ids.ts'
import type { StreamPosition } from '../../storage/position/position.ts'
import type { PartialRooms } from '../../homeserver/rooms/partial-state/partial-rooms.ts'

/** Joined users that are kept in memory over all rooms, about 50 bytes each. */
const MAX_USERS = 1_000_000
/** What a room takes besides its users. */
const ROOM_OVERHEAD = 20

type Room = Map<string, Set<UserNid>>

/** Which servers have joined users in a room, kept by the membership changes of every commit. */
export class JoinedServers {
  readonly #queries: Queries
  readonly #interner: Interner
  readonly #rooms = new LRUCache<RoomNid, Room>({
    maxSize: MAX_USERS,
    sizeCalculation: (room) =>
      ROOM_OVERHEAD + [...room.values()].reduce((users, { size }) => users + size + 1, 0),
  })

  readonly #loading = new Map<RoomNid, Promise<Room>>()

  readonly #partial: Pick<PartialRooms, 'serversOf'>

  /** @param partial rooms of which not all members are known: their servers are those that were told. */
  constructor(queries: Queries, interner: Interner, partial: Pick<PartialRooms, 'serversOf'>) {
    this.#queries = queries
    this.#interner = interner
    this.#partial = partial
  }

  /** The servers joined to a room as of `position`, of which every change so far has been applied. */
  async of(roomNid: RoomNid, position: StreamPosition): Promise<ReadonlySet<string>> {
    const [servers] = await this.ofAll([roomNid], position)
    return servers!
  }

  /** The same for several rooms, in their order, as sets of the caller's own; those that are not in memory are read together. */
  ofAll(roomNids: readonly RoomNid[], position: StreamPosition): Promise<Set<string>[]> {
    const missing = roomNids.filter((roomNid) => !this.follows(roomNid))
    if (missing.length > 0) this.#load(missing, position)
    return Promise.all(
      roomNids.map(async (roomNid) => {
        const room = this.#rooms.get(roomNid) ?? (await this.#loading.get(roomNid))
        return new Set([...room!.keys(), ...(this.#partial.serversOf(roomNid) ?? [])])
      }),
    )
  }

  /** Whether the room is in memory, or will be, so that changes are followed. */
  follows(roomNid: RoomNid): boolean {
    return this.#rooms.has(roomNid) || this.#loading.has(roomNid)
  }

  /** Takes in changes of memberships in a room that is followed. @returns servers that have nobody left in the room. */
  async apply(roomNid: RoomNid, changes: readonly MembershipChange[]): Promise<string[]> {
    // A room that is being read may have been read before these changes; to apply them twice does no harm.
    const room = (await this.#loading.get(roomNid)) ?? this.#rooms.get(roomNid)
    if (!room || changes.length === 0) return []
    const userIds = await this.#interner.userIds(changes.map(({ userNid }) => userNid))
    const gone: string[] = []
    for (const { userNid, membership } of changes) {
      const serverName = serverOf(userIds.get(userNid) ?? '')
      if (membership === 'join') {
        usersOf(room, serverName).add(userNid)
      } else if (room.get(serverName)?.delete(userNid) && room.get(serverName)?.size === 0) {
        room.delete(serverName)
        gone.push(serverName)
      }
    }
    // Set anew, so that the cache weighs it again.
    this.#rooms.set(roomNid, room)
    const told = this.#partial.serversOf(roomNid)
    return gone.filter((serverName) => !room.has(serverName) && !told?.has(serverName))
  }

  #load(roomNids: readonly RoomNid[], position: StreamPosition): void {
    const reading = this.#read(roomNids, position).finally(() => {
      for (const roomNid of roomNids) this.#loading.delete(roomNid)
    })
    for (const roomNid of roomNids) {
      const loading = reading.then((rooms) => rooms.get(roomNid)!)
      this.#loading.set(roomNid, loading)
    }
  }

  async #read(roomNids: readonly RoomNid[], position: StreamPosition): Promise<Map<RoomNid, Room>> {
    const rooms = new Map<RoomNid, Room>(roomNids.map((roomNid) => [roomNid, new Map()]))
    const joined = await joinedUsersByServer(this.#queries, roomNids, position)
    for (const { roomNid, userNid, serverName } of joined)
      usersOf(rooms.get(roomNid)!, serverName).add(userNid)
    for (const [roomNid, room] of rooms) this.#rooms.set(roomNid, room)
    return rooms
  }
}

function usersOf(room: Room, serverName: string): Set<UserNid> {
  const users = room.get(serverName) ?? new Set()
  room.set(serverName, users)
  return users
}
