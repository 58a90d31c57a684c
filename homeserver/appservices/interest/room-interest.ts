import { LRUCache } from 'lru-cache'
import {
  aliasesOfRooms,
  localMembers,
  replacedMembers,
  type LocalMember,
} from '../../../storage/appservices/local-members.ts'
import type { StoredEvent } from '../../../storage/events/stored-event.ts'
import type { RoomNid } from '../../../storage/numeric-ids.ts'
import type { StreamPosition } from '../../../storage/position/position.ts'
import { membershipIn } from '../../rooms/membership-in.ts'
import type { RoomServices } from '../../rooms/room-services.ts'
import type { AppService } from '../registration/app-service.ts'
import { InterestedRoom } from './interested-room.ts'
import { UserInterest } from './user-interest.ts'

/** Members of services over all rooms that are kept in memory, about 100 bytes each. */
const MAX_MEMBERS = 500_000

/** What interest is worked out from. */
export type InterestServices = Pick<RoomServices, 'queries' | 'interner' | 'events' | 'serverName'>

/** An event of the stream with those who are to be told of it. */
export interface InterestingEvent {
  readonly position: StreamPosition
  readonly roomNid: RoomNid
  readonly eventNid: StoredEvent['eventNid']
  readonly services: ReadonlySet<AppService>
  /** Those whose first user it brings into the room. */
  readonly entered: ReadonlySet<AppService>
}

/**
 * Which application services are interested in which rooms, at one place of the stream that moves on with the events
 * that it is shown. A room is read once, whatever the number of services and events, and then kept by its member
 * events.
 */
export class RoomInterest {
  readonly users: UserInterest
  readonly #services: InterestServices
  readonly #appServices: readonly AppService[]
  readonly #stale = new Set<RoomNid>()
  readonly #rooms = new LRUCache<RoomNid, InterestedRoom>({
    maxSize: MAX_MEMBERS,
    sizeCalculation: ({ size }) => size + 1,
  })

  constructor(services: InterestServices, appServices: readonly AppService[]) {
    this.#services = services
    this.#appServices = appServices
    this.users = new UserInterest(appServices)
  }

  /** The room's aliases have changed. */
  forget(roomNid: RoomNid): void {
    this.#stale.add(roomNid)
  }

  /** Who is interested in each of some rooms, as of `place`, up to which every event has been shown. */
  async in(
    roomNids: readonly RoomNid[],
    place: StreamPosition,
  ): Promise<ReadonlyMap<RoomNid, ReadonlySet<AppService>>> {
    const rooms = await this.#prepare(roomNids, place)
    return new Map(Array.from(rooms, ([roomNid, room]) => [roomNid, room.services]))
  }

  /**
   * Moves on over events of the stream.
   *
   * @param before the place that the interest is of; all events come after it, in order.
   * @returns those that somebody is to be told of.
   */
  async walk(
    events: readonly { readonly stored: StoredEvent; readonly position: StreamPosition }[],
    before: StreamPosition,
  ): Promise<InterestingEvent[]> {
    const rooms = await this.#prepare(new Set(events.map(({ stored }) => stored.roomNid)), before)
    return events.flatMap(({ stored, position }) => {
      const { roomNid, eventNid } = stored
      const room = rooms.get(roomNid)!
      const before = room.services
      const about = stored.event.type === 'm.room.member' ? this.#moveMember(roomNid, room, stored) : []
      const services = new Set([...before, ...about])
      const entered = new Set([...room.services].filter((service) => !before.has(service)))
      return services.size === 0 ? [] : [{ position, roomNid, eventNid, services, entered }]
    })
  }

  /** @returns whose user the event is about. */
  #moveMember(roomNid: RoomNid, room: InterestedRoom, { event }: StoredEvent): readonly AppService[] {
    const userId = event.stateKey ?? ''
    const services = userId.startsWith('@') ? this.users.of(userId) : []
    if (services.length === 0) return services
    if (membershipIn(event) === 'join') room.add(userId, services)
    else room.delete(userId)
    // Set anew, so that the cache weighs it again.
    this.#rooms.set(roomNid, room)
    return services
  }

  async #prepare(roomNids: Iterable<RoomNid>, place: StreamPosition): Promise<Map<RoomNid, InterestedRoom>> {
    for (const roomNid of this.#stale) this.#rooms.delete(roomNid)
    this.#stale.clear()
    const rooms = new Map<RoomNid, InterestedRoom>()
    const missing: RoomNid[] = []
    for (const roomNid of new Set(roomNids)) {
      const room = this.#rooms.get(roomNid)
      if (room) rooms.set(roomNid, room)
      else missing.push(roomNid)
    }
    if (missing.length === 0) return rooms
    for (const [roomNid, room] of await this.#read(missing, place)) {
      rooms.set(roomNid, room)
      this.#rooms.set(roomNid, room)
    }
    return rooms
  }

  async #read(roomNids: readonly RoomNid[], place: StreamPosition): Promise<Map<RoomNid, InterestedRoom>> {
    const { queries, interner, serverName } = this.#services
    const ownServer = await interner.serverNid(serverName)
    const [found, roomIds, aliases] = await Promise.all([
      localMembers(queries, ownServer, roomNids, place),
      interner.roomIds(roomNids),
      this.#appServices.some(({ namespaces }) => namespaces.hasAliases)
        ? aliasesOfRooms(queries, roomNids)
        : [],
    ])
    const members = found.filter(({ userId }) => this.users.of(userId).length > 0)
    const joined = await this.#settleDoubts(members, place)
    const aliasesByRoom = Map.groupBy(aliases, ({ roomNid }) => roomNid)
    return new Map(
      roomNids.map((roomNid) => {
        const names = (aliasesByRoom.get(roomNid) ?? []).map(({ alias }) => alias)
        const roomId = roomIds.get(roomNid) ?? ''
        const always = this.#appServices.filter(
          ({ namespaces }) => namespaces.hasRoom(roomId) || names.some((alias) => namespaces.hasAlias(alias)),
        )
        const room = new InterestedRoom(always)
        for (const member of joined)
          if (member.roomNid === roomNid) room.add(member.userId, this.users.of(member.userId))
        return [roomNid, room]
      }),
    )
  }

  /** Who was in at `place`, of those whose memberships have changed since by what they were before. */
  async #settleDoubts(
    members: readonly LocalMember[],
    place: StreamPosition,
  ): Promise<readonly LocalMember[]> {
    const doubtful = members.filter(({ wasJoined }) => wasJoined === undefined)
    const certain = members.filter(({ wasJoined }) => wasJoined)
    if (doubtful.length === 0) return certain
    const { queries, interner, events } = this.#services
    const rooms = [...new Set(doubtful.map(({ roomNid }) => roomNid))]
    const replaced = await replacedMembers(queries, await interner.typeNid('m.room.member'), rooms, place)
    const stored = await events.byPlaces(replaced)
    const wereJoined = new Set(
      [...stored.values()]
        .filter(({ event }) => membershipIn(event) === 'join')
        .map(({ roomNid, event }) => `${roomNid}/${event.stateKey ?? ''}`),
    )
    return [...certain, ...doubtful.filter(({ roomNid, userId }) => wereJoined.has(`${roomNid}/${userId}`))]
  }
}
