import type { Agent } from 'undici'
import { eventWriteOf } from '../../../storage/events/event-write.ts'
import type { RoomNid, UserNid } from '../../../storage/numeric-ids.ts'
import type { CommittedWrite } from '../../../storage/position/committed-write.ts'
import { streamPosition, type StreamPosition } from '../../../storage/position/position.ts'
import { readCursor, saveCursor } from '../../../storage/position/stream-cursor.ts'
import { savePushProgress, type PusherProgress } from '../../../storage/pushers/pusher-progress.ts'
import { receiptOf } from '../../../storage/rooms/receipt-write.ts'
import type { PushConfig } from '../../config/sections/push.ts'
import { StreamFollower } from '../../stream/stream-follower.ts'
import type { SyncServices } from '../../sync/sync-services.ts'
import type { Pushers } from '../pushers/pushers.ts'
import { Activity } from './activity.ts'
import { GatewayLane } from './gateway-lane.ts'
import { isCall, isGroupTalk, type Notice } from './notice.ts'
import type { PusherQueue } from './pusher-queue.ts'
import { PusherQueues } from './pusher-queues.ts'
import { takeTurn } from './pusher-turn.ts'
import { PushingMembers } from './pushing-members.ts'
import { Spread } from './spread.ts'

/** Names the stored cursor. */
const CONSUMER = 'push'
/** What a burst of commits brings is read together, and nobody waits for it noticeably. */
const SPREAD_DELAY_MS = 20
/** How often progress is noted: what a crash has us tell again is of about this time. */
const SAVE_INTERVAL_MS = 1_000
/** Badges that may have changed while the server was off are looked at in the course of this time. */
const BADGE_CHECK_MS = 600_000

/** What delivery stands on. */
export interface PushDeliveryOptions {
  readonly services: SyncServices
  readonly pushers: Pushers
  readonly config: PushConfig
  /** Closed with it. */
  readonly agent: Agent
  readonly onError: (error: unknown) => void
}

/**
 * Follows the stream and tells push gateways what users are to be notified of. The cursor says up to where all have
 * been told; who lags behind has a position of their own. No write is made for a pusher that keeps up (DESIGN §3.4).
 */
export class PushDelivery {
  readonly #options: PushDeliveryOptions
  readonly #stopping = new AbortController()
  readonly #queues: PusherQueues
  readonly #members: PushingMembers
  readonly #activity: Activity
  readonly #spread: Spread
  readonly #follower: StreamFollower
  readonly #lanes = new Map<string, GatewayLane>()
  /** What is stored of pushers that lag, or whose badge is not 0. */
  readonly #saved = new Map<number, PusherProgress>()
  #savedCursor: StreamPosition | undefined
  /** Before that it is not known up to where the stream has been handed out. */
  #started = false
  #saving: Promise<void> = Promise.resolve()
  #timer: NodeJS.Timeout | undefined
  #unsubscribe: (() => void) | undefined

  constructor(options: PushDeliveryOptions) {
    const { services, config, onError } = options
    const { queries, committer, now } = services
    this.#options = options
    this.#activity = new Activity(now)
    this.#queues = new PusherQueues(queries, config.groupIntervalMs, () => committer.head, {
      opened: (queue) => this.#started && this.#lane(queue).wake(queue),
      closed: (queue) => this.#lane(queue).forget(queue),
      usersChanged: () => this.#members.forgetAll(),
    })
    this.#members = new PushingMembers(queries, 'http', (userNid) => this.#queues.has(userNid))
    this.#spread = new Spread(services, 'http', this.#queues, this.#members, (user, notice) =>
      this.#hand(user, notice),
    )
    this.#follower = new StreamFollower({
      consumer: CONSUMER,
      delayMs: SPREAD_DELAY_MS,
      queries,
      committer,
      step: (after, until) => this.#spread.step(after, until),
      onError,
    })
  }

  /** Takes up what was left undone and follows the stream. */
  async start(): Promise<void> {
    const { services, pushers, onError } = this.#options
    const { queries, committer, now } = services
    await this.#queues.start()
    this.#unsubscribe = committer.onCommit((writes) => this.#absorb(writes))
    const cursor = (await readCursor(queries, CONSUMER)) || committer.head
    await saveCursor(queries, CONSUMER, cursor)
    await this.#spread.start(streamPosition(cursor))
    this.#started = true
    for (const queue of this.#queues.all()) {
      const { pusherNid, toldUntil, badge } = queue.pusher
      if (toldUntil !== undefined || badge > 0) this.#saved.set(pusherNid, { pusherNid, toldUntil, badge })
      if (badge > 0) queue.checkBadgeAt(now() + Math.random() * BADGE_CHECK_MS)
      this.#lane(queue).wake(queue)
    }
    pushers.onChange((userNid) => this.#queues.reload(userNid).catch(onError))
    await this.#follower.start()
    this.#timer = setInterval(() => this.#saveLater(), SAVE_INTERVAL_MS).unref()
  }

  /** Ends what is under way; what was not told is noted. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#stopping.abort()
    this.#unsubscribe?.()
    await this.#follower.stop()
    await Promise.all([...this.#lanes.values()].map((lane) => lane.stop()))
    await this.#options.agent.close()
    await this.#saving
    if (this.#timer) await this.#save()
  }

  #absorb(writes: readonly CommittedWrite[]): void {
    this.#spread.absorb(writes)
    this.#members.absorb(writes)
    this.#activity.absorb(writes)
    for (const committed of writes) {
      const receipt = receiptOf(committed)
      if (receipt?.read)
        this.#markRead(receipt.userNid, receipt.roomNid, receipt.thread, receipt.read.historyPos)
      const event = eventWriteOf(committed)
      for (const { userNid, thread, historyPos } of event?.readPositions ?? []) {
        this.#markRead(userNid, event!.roomNid, thread, historyPos)
      }
    }
  }

  #markRead(userNid: UserNid, roomNid: RoomNid, thread: string, historyPos: number): void {
    for (const queue of this.#queues.of(userNid)) {
      queue.markRead(roomNid, thread, historyPos, this.#options.services.now())
      this.#lane(queue).wake(queue)
    }
  }

  #hand(userNid: UserNid, notice: Notice): void {
    for (const queue of this.#queues.of(userNid)) {
      queue.add(notice, this.#dueAt(queue, notice))
      this.#lane(queue).wake(queue)
    }
  }

  /** Calls ring at once; the rest leaves a user alone who is about, and groups speak one at a time. */
  #dueAt(queue: PusherQueue, notice: Notice): number {
    const { config, services } = this.#options
    const now = services.now()
    if (isCall(notice)) return now
    const jitter = Math.random() * config.jitterMs
    const quiet = this.#activity.isActive(queue.pusher.userNid) ? config.quietMs : 0
    const pace = isGroupTalk(notice) ? queue.mayTalkAt(notice.event.roomNid, now) : now
    return Math.max(now + jitter, now + quiet, pace)
  }

  #lane({ pusher }: PusherQueue): GatewayLane {
    const gateway = URL.parse(String(pusher.about.data['url']))?.origin ?? ''
    let lane = this.#lanes.get(gateway)
    if (!lane) {
      const { services, pushers, config, agent, onError } = this.#options
      const context = {
        services, pushers, config, onError, dispatcher: agent, stop: this.#stopping.signal,
        spreadTo: () => this.#spread.position,
      } // prettier-ignore
      lane = new GatewayLane((queue) => takeTurn(context, queue), services.now)
      this.#lanes.set(gateway, lane)
    }
    return lane
  }

  #saveLater(): void {
    this.#saving = this.#saving.then(() => this.#save()).catch(this.#options.onError)
  }

  /** Stores the cursor, and what of single pushers has changed since the last time. */
  async #save(): Promise<void> {
    const cursor = this.#spread.position
    const changed: PusherProgress[] = []
    for (const { pusher, toldUntil, badge } of this.#queues.all()) {
      const { pusherNid } = pusher
      const saved = this.#saved.get(pusherNid)
      if (saved?.toldUntil === toldUntil && (saved?.badge ?? 0) === badge) continue
      changed.push({ pusherNid, toldUntil, badge })
    }
    if (cursor === this.#savedCursor && changed.length === 0) return
    await savePushProgress(this.#options.services.queries, CONSUMER, cursor, changed)
    this.#savedCursor = cursor
    for (const progress of changed) {
      if (progress.toldUntil === undefined && progress.badge === 0) this.#saved.delete(progress.pusherNid)
      else this.#saved.set(progress.pusherNid, progress)
    }
    for (const [gateway, lane] of this.#lanes) if (lane.isIdle) this.#lanes.delete(gateway)
  }
}
