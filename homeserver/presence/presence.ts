import { eventWriteOf } from '../../storage/events/event-write.ts'
import type { RoomNid, UserNid } from '../../storage/numeric-ids.ts'
import type { CommittedWrite } from '../../storage/position/committed-write.ts'
import { receiptOf } from '../../storage/rooms/receipt-write.ts'
import type { UserRoom } from '../../storage/sync/user-rooms-reader.ts'
import { deviceScope } from '../accounts/device-scope.ts'
import type { EphemeralClock } from '../ephemeral/ephemeral-clock.ts'
import type { Viewer } from '../history/read-services.ts'
import type { PresenceSettings } from './presence-settings.ts'
import { UNKNOWN_STATUS, type PresenceState, type PresenceStatus } from './presence-status.ts'
import { RoomsWithUsers } from './rooms-with-users.ts'
import { TellingPace } from './telling-pace.ts'
import { TrackedUser } from './tracked-user.ts'
import { stateChangeOf } from '../../storage/partial-joins/settled-state.ts'

/** Users of known presence, about 1 kB each with their rooms. Beyond them nothing is known of who comes. */
const MAX_TRACKED = 100_000
/** Time alone changes presence this exactly. */
const SWEEP_MS = 5_000
/**
 * In large rooms changes gather for so long, and are then told with the next answer that a user gets anyway: they wake
 * nobody. Clients that wait in vain ask again after half a minute, so none is older than a minute.
 */
const LARGE_ROOM_INTERVAL_MS = 30_000
/** Users who have been away for this long are forgotten, and their status message with them. */
const FORGET_AFTER_MS = 24 * 60 * 60_000

/** What presence stands on. */
export interface PresenceParts {
  readonly settings: PresenceSettings
  readonly clock: EphemeralClock
  /** The rooms that a user has to do with. */
  roomsOf(user: Pick<Viewer, 'userNid' | 'userId'>): Promise<Iterable<UserRoom>>
  /** Milliseconds since the epoch. */
  now(): number
  /** Wakes whoever syncs in a room. */
  wakeRoom(roomNid: RoomNid): void
  onError(error: unknown): void
}

/** A user whose rooms are being read. */
interface Loading {
  /** Rooms whose membership changed meanwhile. */
  readonly moved: Set<RoomNid>
  readonly over: Promise<void>
}

/** Told of users whose presence has changed, with a delay, many at once. */
export type PresenceListener = (users: ReadonlySet<TrackedUser>) => void

/**
 * Who is about, in this process's memory: nothing is written for it (DESIGN §3.12), and a restart forgets it, status
 * messages included.
 */
export class Presence {
  readonly settings: PresenceSettings
  readonly rooms = new RoomsWithUsers()
  readonly #parts: PresenceParts
  readonly #users = new Map<UserNid, TrackedUser>()
  readonly #listeners = new Set<PresenceListener>()
  readonly #pace: TellingPace
  readonly #loading = new Map<TrackedUser, Loading>()
  readonly #sweeper: NodeJS.Timeout
  readonly #publisher: NodeJS.Timeout
  /** The number of a change that syncs have to look for. */
  readonly #take = (): number => (this.#lastChange = this.#parts.clock.advance())
  #lastChange = 0

  constructor(parts: PresenceParts) {
    this.settings = parts.settings
    this.#parts = parts
    this.#pace = new TellingPace(({ rooms, users }) => {
      for (const room of rooms) parts.wakeRoom(room)
      for (const listener of this.#listeners) listener(users)
      return [...rooms].reduce((sum, room) => sum + this.rooms.sizeOf(room), 0)
    })
    this.#sweeper = setInterval(() => this.sweep(), SWEEP_MS).unref()
    this.#publisher = setInterval(() => this.publishLarge(), LARGE_ROOM_INTERVAL_MS).unref()
  }

  /** The number of the last change of anybody. */
  get lastChange(): number {
    return this.#lastChange
  }

  get clock(): EphemeralClock {
    return this.#parts.clock
  }

  now(): number {
    return this.#parts.now()
  }

  /** A device of ours waits for news, to be shown as `wish`; `offline` shows nothing. Returns what ends it. */
  connect(viewer: Viewer, wish: PresenceState): () => void {
    const user = wish === 'offline' || !this.settings.tracks ? undefined : this.#track(viewer)
    if (!user) return () => undefined
    const end = user.connect(deviceScope(viewer.deviceId), wish, this.#parts.now)
    this.#refresh(user)
    return end
  }

  /**
   * Resolves when it is known where a user who has just connected is seen. An answer that is begun before would not
   * tell of them, and the next one would come for nothing else.
   */
  async settled(userNid: UserNid): Promise<void> {
    const user = this.#users.get(userNid)
    await (user && this.#loading.get(user)?.over)
  }

  /** A user of ours chooses what to show; without a status message the last one goes. */
  choose(viewer: Viewer, presence: PresenceState, statusMsg: string | undefined): void {
    const user = this.settings.tracks ? this.#track(viewer) : undefined
    if (!user) return
    const says = user.statusMsg !== statusMsg
    user.statusMsg = statusMsg
    user.choose(deviceScope(viewer.deviceId), presence, this.#parts.now())
    this.#refresh(user, says)
  }

  /** A user of ours did something. */
  act(userNid: UserNid): void {
    const user = this.#users.get(userNid)
    if (!user || user.presence === 'offline') return
    user.act(this.#parts.now())
    this.#refresh(user)
  }

  /** Another server tells of its user, whose number is known here. */
  hear(who: Pick<Viewer, 'userNid' | 'userId'>, status: PresenceStatus): void {
    const user = this.#track(who)
    if (!user) return
    const says = user.statusMsg !== status.statusMsg
    user.hear(status, this.#parts.now())
    this.#refresh(user, says)
  }

  /** What is known of a user. */
  statusOf(userNid: UserNid): PresenceStatus {
    return this.#users.get(userNid) ?? UNKNOWN_STATUS
  }

  /** The user, if anything is known of them. */
  known(userNid: UserNid): TrackedUser | undefined {
    return this.#users.get(userNid)
  }

  onChange(listener: PresenceListener): void {
    this.#listeners.add(listener)
  }

  /** Keeps up with who is in which room, and with who does something. */
  absorb(writes: readonly CommittedWrite[]): void {
    for (const committed of writes) {
      const event = eventWriteOf(committed)
      const change = stateChangeOf(committed)
      for (const { userNid, membership } of change?.memberships ?? []) {
        const user = this.#users.get(userNid)
        if (user) this.#move(user, change!.roomNid, membership === 'join')
      }
      if (event?.live) {
        const sender = this.#users.get(event.row.senderNid)
        if (sender) this.rooms.speak(event.roomNid, sender)
        this.act(event.row.senderNid)
      }
      const receipt = receiptOf(committed)
      if (receipt) this.act(receipt.userNid)
    }
  }

  /** Works out what time alone has changed. */
  sweep(): void {
    const now = this.#parts.now()
    for (const user of this.#users.values()) {
      this.#refresh(user)
      if (user.presence === 'offline' && now - user.changedTs > FORGET_AFTER_MS) this.#forget(user)
    }
  }

  /** Has the next answers tell what has changed in large rooms. */
  publishLarge(): void {
    this.rooms.publishLarge(this.#take)
  }

  stop(): void {
    clearInterval(this.#sweeper)
    clearInterval(this.#publisher)
    this.#pace.stop()
  }

  #track({ userNid, userId }: Pick<Viewer, 'userNid' | 'userId'>): TrackedUser | undefined {
    const known = this.#users.get(userNid)
    if (known || this.#users.size >= MAX_TRACKED) return known
    const user = new TrackedUser(userNid, userId)
    user.changedTs = this.#parts.now()
    this.#users.set(userNid, user)
    const moved = new Set<RoomNid>()
    const over = this.#load(user, moved).catch((error: unknown) => {
      this.#loading.delete(user)
      this.#forget(user)
      this.#parts.onError(error)
    })
    this.#loading.set(user, { moved, over })
    return user
  }

  async #load(user: TrackedUser, moved: ReadonlySet<RoomNid>): Promise<void> {
    const rooms = await this.#parts.roomsOf(user)
    this.#loading.delete(user)
    const version = this.#parts.clock.advance()
    for (const { membership, roomNid } of rooms) {
      if (membership === 'join' && !moved.has(roomNid)) this.rooms.add(roomNid, user, version)
    }
    this.#change(user, version)
  }

  #move(user: TrackedUser, roomNid: RoomNid, joined: boolean): void {
    this.#loading.get(user)?.moved.add(roomNid)
    if (!joined) return this.rooms.remove(roomNid, user, this.#take)
    if (user.rooms.has(roomNid)) return
    this.rooms.add(roomNid, user, this.#take())
  }

  #refresh(user: TrackedUser, says = false): void {
    const changed = user.refresh(this.#parts.now(), this.settings)
    if (changed || says) this.#change(user, this.#parts.clock.advance())
  }

  #change(user: TrackedUser, version: number): void {
    user.version = version
    user.changedTs = this.#parts.now()
    this.#lastChange = version
    this.#pace.add(user, this.rooms.mark(user))
  }

  #forget(user: TrackedUser): void {
    this.#users.delete(user.userNid)
    for (const roomNid of [...user.rooms]) this.rooms.remove(roomNid, user, this.#take)
  }
}
