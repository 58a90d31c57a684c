import {
  movedUsers,
  newestStays,
  usersJoinedTo,
  usersWithChanges,
  type MovedUser,
} from '../../storage/e2ee/device-list-reader.ts'
import { deviceListChangeOf, type DeviceListWrite } from '../../storage/e2ee/device-list-write.ts'
import type { RoomNid, UserNid } from '../../storage/numeric-ids.ts'
import type { CommittedWrite } from '../../storage/position/committed-write.ts'
import { earlierOf, isAfter, type StreamPosition } from '../../storage/position/position.ts'
import type { RoomStretch } from '../../storage/sync/state-places-reader.ts'
import type { UserRoom } from '../../storage/sync/user-rooms-reader.ts'
import { membersWhenLeft, type DepartureServices } from './members-when-left.ts'
import { RecentLog } from './recent-log.ts'
import { isLearnt, stateChangeOf } from '../../storage/partial-joins/settled-state.ts'

/** What is remembered of each kind, about 60 bytes each: minutes of a busy server, which is how old most tokens are. */
const MAX_RECENT = 50_000

/** Whose keys a client has to look at again, and whose it need not any more. */
export interface DeviceListNews {
  readonly changed: readonly UserNid[]
  readonly left: readonly UserNid[]
}

/** Somebody who reads, with all the rooms that they have had to do with. */
export interface DeviceListReader {
  readonly userNid: UserNid
  readonly rooms: Iterable<UserRoom>
}

interface RecentMove extends MovedUser {
  readonly roomNid: RoomNid
  readonly position: StreamPosition
}

const NO_NEWS: DeviceListNews = { changed: [], left: [] }

/**
 * Finds the audience of changes when somebody asks, from who shares a room with whom: nothing is stored by room or by
 * reader (client-server API, "Tracking the device list for a user"). Rooms count whether they are encrypted or not,
 * because they may become so at any time.
 */
export class DeviceListChanges {
  readonly #services: DepartureServices
  readonly #changes: RecentLog<DeviceListWrite>
  readonly #moves: RecentLog<RecentMove>

  /** @param head the position from which on it absorbs all commits. */
  constructor(services: DepartureServices, head: StreamPosition) {
    this.#services = services
    this.#changes = new RecentLog(head, MAX_RECENT)
    this.#moves = new RecentLog(head, MAX_RECENT)
  }

  /** Keeps up with what is committed. */
  absorb(writes: readonly CommittedWrite[]): void {
    for (const committed of writes) {
      const change = deviceListChangeOf(committed)
      if (change) {
        // Without the keys that came with it, which would stay in memory.
        const { userNid, deviceId, viewerNid } = change
        this.#changes.add(committed.position, { userNid, deviceId, viewerNid })
      }
      const event = stateChangeOf(committed)
      const learnt = new Set(event?.stateChanges.filter(isLearnt).map(({ eventNid }) => eventNid))
      for (const { userNid, membership, eventNid } of event?.memberships ?? []) {
        // Who is found to have left had left before this server came.
        const mayHaveLeft = (membership === 'leave' || membership === 'ban') && !learnt.has(eventNid)
        if (mayHaveLeft || membership === 'join')
          this.#moves.add(committed.position, {
            roomNid: event!.roomNid,
            position: committed.position,
            userNid,
            mayHaveLeft,
          })
      }
    }
  }

  /** What is new in a stretch of the stream, by the memberships of now. A handful of queries, and mostly none. */
  async between(
    { userNid: self, rooms }: DeviceListReader,
    after: StreamPosition,
    upTo: StreamPosition,
  ): Promise<DeviceListNews> {
    const { joined, entered, departed, stays: present } = sortRooms(rooms, after, upTo)
    const { queries } = this.#services
    const stretches = [...present, ...departed]
    const [withChanges, moved] = await Promise.all([
      this.#changedIn(self, after, upTo),
      this.#movedIn(stretches, after, upTo),
    ])
    if (withChanges.length + moved.length + entered.length + departed.length === 0) return NO_NEWS
    const [met, parted] = await Promise.all([
      usersJoinedTo(queries, entered),
      membersWhenLeft(this.#services, self, departed),
    ])
    const candidates = new Set([...withChanges, ...moved.map(({ userNid }) => userNid), ...parted])
    const stays = await newestStays(queries, [...candidates], joined)
    const changed = new Set(met)
    for (const userNid of withChanges) if (userNid === self || stays.has(userNid)) changed.add(userNid)
    const gone = new Set(parted)
    for (const { userNid, mayHaveLeft } of moved) {
      const newest = stays.get(userNid)
      if (newest !== undefined && isAfter(newest, after)) changed.add(userNid)
      if (mayHaveLeft) gone.add(userNid)
    }
    gone.delete(self)
    return { changed: [...changed], left: [...gone].filter((userNid) => !stays.has(userNid)) }
  }

  async #changedIn(
    viewer: UserNid,
    after: StreamPosition,
    upTo: StreamPosition,
  ): Promise<readonly UserNid[]> {
    const recent = this.#changes.between(after, upTo)
    if (!recent) return usersWithChanges(this.#services.queries, viewer, after, upTo)
    return recent
      .filter(({ viewerNid }) => viewerNid === undefined || viewerNid === viewer)
      .map(({ userNid }) => userNid)
  }

  async #movedIn(
    stretches: readonly RoomStretch[],
    after: StreamPosition,
    upTo: StreamPosition,
  ): Promise<readonly MovedUser[]> {
    const recent = this.#moves.between(after, upTo)
    if (!recent) return movedUsers(this.#services.queries, this.#services.memberType, stretches)
    if (recent.length === 0) return []
    const byRoom = new Map(stretches.map((stretch) => [stretch.roomNid, stretch]))
    return recent.filter(({ roomNid, position }) => {
      const stretch = byRoom.get(roomNid)
      return stretch && isAfter(position, stretch.after) && !isAfter(position, stretch.upTo)
    })
  }
}

function sortRooms(rooms: Iterable<UserRoom>, after: StreamPosition, upTo: StreamPosition) {
  const joined: RoomNid[] = []
  const stays: RoomStretch[] = []
  const entered: RoomNid[] = []
  const departed: RoomStretch[] = []
  for (const { roomNid, membership, joinedAt, since, outside } of rooms) {
    if (outside) continue
    if (membership === 'join') {
      const isNew = joinedAt !== undefined && isAfter(joinedAt, after)
      joined.push(roomNid)
      if (isNew) entered.push(roomNid)
      // Who had left before the reader came was never shared with.
      stays.push({ roomNid, after: isNew ? joinedAt : after, upTo })
    } else if ((membership === 'leave' || membership === 'ban') && isAfter(since, after)) {
      departed.push({ roomNid, after, upTo: earlierOf(since, upTo) })
    }
  }
  return { joined, stays, entered, departed }
}
