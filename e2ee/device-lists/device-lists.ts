import type { Queries } from '../../storage/database.ts'
import { roomsJoinedBy } from '../../storage/e2ee/device-list-reader.ts'
import { deviceListChangeOf, noteDeviceListChange } from '../../storage/e2ee/device-list-write.ts'
import type { EventStore } from '../../storage/events/event-store.ts'
import type { Interner } from '../../storage/interning/interner.ts'
import type { RoomNid, UserNid } from '../../storage/numeric-ids.ts'
import type { Committer } from '../../storage/position/committer.ts'
import type { StreamPosition } from '../../storage/position/position.ts'
import type { UserRoom } from '../../storage/sync/user-rooms-reader.ts'
import { DeviceListChanges } from './device-list-news.ts'

/** What device lists need of sync: who is in which room, and how to wake. */
export interface DeviceListAudience {
  /** All rooms that a user of ours has had to do with. */
  roomsOf(userNid: UserNid): Promise<Iterable<UserRoom>>
  wakeRoom(roomNid: RoomNid): void
  wakeUser(userNid: UserNid): void
}

/** What device lists are built on. */
export interface DeviceListServices {
  readonly queries: Queries
  readonly events: Pick<EventStore, 'byPlaces'>
  readonly interner: Interner
  readonly committer: Committer
  readonly audience: DeviceListAudience
  readonly onError: (error: unknown) => void
}

/** A part of a sync answer: JSON text by key, and whether it is worth answering for. */
export interface DeviceListPart {
  readonly fields: Readonly<Record<'device_lists', string>>
  readonly hasNews: boolean
}

const NOTHING_NEW: DeviceListPart = { fields: { device_lists: '{"changed":[],"left":[]}' }, hasNews: false }

/** Tells clients whose devices have changed. */
export class DeviceLists {
  readonly #services: DeviceListServices
  readonly #changes: DeviceListChanges
  readonly #toWake = new Set<UserNid>()

  private constructor(services: DeviceListServices, changes: DeviceListChanges) {
    this.#services = services
    this.#changes = changes
  }

  /** Builds it, and has it keep up with the stream from now on: before anybody syncs, after sync has been started. */
  static async start(services: DeviceListServices): Promise<DeviceLists> {
    const { queries, events, interner, committer } = services
    const memberType = await interner.typeNid('m.room.member')
    const changes = new DeviceListChanges({ queries, events, memberType }, committer.head)
    const lists = new DeviceLists(services, changes)
    committer.onCommit((writes) => {
      changes.absorb(writes)
      for (const committed of writes) {
        const change = deviceListChangeOf(committed)
        if (change?.viewerNid !== undefined) services.audience.wakeUser(change.viewerNid)
        else if (change) lists.#wakeLater(change.userNid)
      }
    })
    return lists
  }

  /** Notes a change of a device of ours; see {@link noteDeviceListChange}. */
  note(userNid: UserNid, deviceId: string | undefined): Promise<StreamPosition> {
    return noteDeviceListChange(this.#services.committer, userNid, deviceId)
  }

  /**
   * `{"changed":[…],"left":[…]}` for a stretch of the stream, as `/sync` and `/keys/changes` give it, and whether
   * anybody is named. Nothing has changed for who has seen nothing yet.
   */
  async between(
    { userNid }: { readonly userNid: UserNid },
    after: StreamPosition | undefined,
    upTo: StreamPosition,
  ): Promise<DeviceListPart> {
    if (after === undefined) return NOTHING_NEW
    const { interner, audience } = this.#services
    const rooms = await audience.roomsOf(userNid)
    const { changed, left } = await this.#changes.between({ userNid, rooms }, after, upTo)
    if (changed.length + left.length === 0) return NOTHING_NEW
    const userIds = await interner.userIds([...changed, ...left])
    const textOf = (nids: readonly UserNid[]): string =>
      JSON.stringify(nids.flatMap((nid) => userIds.get(nid) ?? []))
    return {
      fields: { device_lists: `{"changed":${textOf(changed)},"left":${textOf(left)}}` },
      hasNews: true,
    }
  }

  /** One look for all whose devices changed in a turn of the event loop. */
  #wakeLater(userNid: UserNid): void {
    if (this.#toWake.size === 0) setImmediate(() => void this.#wake().catch(this.#services.onError))
    this.#toWake.add(userNid)
  }

  async #wake(): Promise<void> {
    const { queries, audience } = this.#services
    const users = [...this.#toWake]
    this.#toWake.clear()
    for (const userNid of users) audience.wakeUser(userNid)
    for (const roomNid of await roomsJoinedBy(queries, users)) audience.wakeRoom(roomNid)
  }
}
