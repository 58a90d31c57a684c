import type { Queries } from '../../../storage/database.ts'
import type { UserNid } from '../../../storage/numeric-ids.ts'
import { STREAM_START, type StreamPosition } from '../../../storage/position/position.ts'
import type { PusherWithProgress } from '../../../storage/pushers/pusher.ts'
import { allPushers, pushersOf } from '../../../storage/pushers/pusher-reader.ts'
import { OneAtATime } from '../../turns/one-at-a-time.ts'
import { PusherQueue } from './pusher-queue.ts'
import { RoomPace } from './room-pace.ts'

/** Told of what comes and goes. */
export interface QueueWatcher {
  opened(queue: PusherQueue): unknown
  closed(queue: PusherQueue): void
  /** Another user has pushers now, or has none any more. */
  usersChanged(): void
}

/** The queue of every pusher that is on, by user. */
export class PusherQueues {
  readonly #queries: Queries
  readonly #groupIntervalMs: number
  readonly #head: () => StreamPosition
  readonly #watcher: QueueWatcher
  readonly #byUser = new Map<UserNid, Map<number, PusherQueue>>()
  readonly #userNids = new Map<string, UserNid>()
  readonly #turns = new OneAtATime()

  /** @param head the newest position of the stream. */
  constructor(queries: Queries, groupIntervalMs: number, head: () => StreamPosition, watcher: QueueWatcher) {
    this.#head = head
    this.#queries = queries
    this.#groupIntervalMs = groupIntervalMs
    this.#watcher = watcher
  }

  /** Opens the queues of all pushers. */
  async start(): Promise<void> {
    for await (const page of allPushers(this.#queries)) {
      for (const pushers of Map.groupBy(page, ({ userNid }) => userNid).values())
        this.#add(pushers, STREAM_START)
    }
  }

  /** Reads a user's pushers anew. */
  async reload(userNid: UserNid): Promise<void> {
    await this.#turns.take(String(userNid), async () => {
      const pushers = await pushersOf(this.#queries, userNid)
      const stay = new Set(pushers.filter(isHere).map(({ pusherNid }) => pusherNid))
      const before = this.#byUser.get(userNid)
      for (const [pusherNid, queue] of before ?? []) {
        if (stay.has(pusherNid)) continue
        before!.delete(pusherNid)
        this.#watcher.closed(queue)
      }
      if (before?.size === 0) {
        this.#byUser.delete(userNid)
        this.#watcher.usersChanged()
      }
      this.#add(pushers, this.#head())
    })
  }

  /** The queues of a user. */
  of(userNid: UserNid): Iterable<PusherQueue> {
    return this.#byUser.get(userNid)?.values() ?? []
  }

  /** Whether a user has any. */
  has(userNid: UserNid): boolean {
    return this.#byUser.has(userNid)
  }

  /** Those of some users who have pushers, by number. */
  among(userIds: readonly string[]): ReadonlyMap<UserNid, string> {
    const found = new Map<UserNid, string>()
    for (const userId of userIds) {
      const userNid = this.#userNids.get(userId)
      if (userNid !== undefined && this.has(userNid)) found.set(userNid, userId)
    }
    return found
  }

  /** The id of a user who has pushers. */
  userIdOf(userNid: UserNid): string | undefined {
    for (const { pusher } of this.of(userNid)) return pusher.userId
    return undefined
  }

  get isEmpty(): boolean {
    return this.#byUser.size === 0
  }

  /** All queues. */
  *all(): Iterable<PusherQueue> {
    for (const queues of this.#byUser.values()) yield* queues.values()
  }

  #add(pushers: readonly PusherWithProgress[], newSince: StreamPosition): void {
    for (const pusher of pushers) {
      if (!isHere(pusher)) continue
      const { userNid, userId, pusherNid } = pusher
      let queues = this.#byUser.get(userNid)
      if (!queues) {
        this.#byUser.set(userNid, (queues = new Map()))
        this.#userNids.set(userId, userNid)
        this.#watcher.usersChanged()
      }
      const known = queues.get(pusherNid)
      const isSame =
        known?.pusher.kind === pusher.kind && known.pusher.about.data['url'] === pusher.about.data['url']
      if (known && isSame) {
        known.pusher = pusher
        continue
      }
      if (known) this.#watcher.closed(known)
      const pace = new RoomPace(this.#groupIntervalMs)
      // Another gateway goes on where the one before stood.
      const queue = known
        ? new PusherQueue({ ...pusher, toldUntil: known.toldUntil }, pace, STREAM_START)
        : new PusherQueue(pusher, pace, newSince)
      queues.set(pusherNid, queue)
      this.#watcher.opened(queue)
    }
  }
}

function isHere({ enabled, kind }: PusherWithProgress): boolean {
  return enabled && kind === 'http'
}
