import type { RoomNid } from '../../../storage/numeric-ids.ts'
import { isAfter, type StreamPosition } from '../../../storage/position/position.ts'
import type { PusherWithProgress } from '../../../storage/pushers/pusher.ts'
import { ALL_THREADS } from '../../../storage/rooms/threads.ts'
import { retryDelayMs } from '../../jobs/retry-policy.ts'
import { isGroupTalk, type Notice } from './notice.ts'
import type { RoomPace } from './room-pace.ts'

/** Notices that wait in memory for one pusher; one that lags further is told from the database. */
const MAX_WAITING = 100
/** A gateway that is away is tried again soon at first, and once in half an hour in the end. */
const RETRY = { maxAttempts: Infinity, firstDelayMs: 1_000, maxDelayMs: 1_800_000 }
/** What is read in quick succession makes one change of the badge. */
const BADGE_DELAY_MS = 1_000

/** What is to be done next for a pusher. */
export type PushTask =
  | { readonly kind: 'notice'; readonly notice: Notice }
  | { readonly kind: 'catch-up'; readonly after: StreamPosition }
  | { readonly kind: 'badge' }

interface Waiting {
  readonly notice: Notice
  readonly dueAt: number
}

/** What one pusher has still to be told, and when. Nothing here waits or sends: that is the gateway's lane. */
export class PusherQueue {
  pusher: PusherWithProgress
  /** The count that the gateway was told last. */
  badge: number
  readonly #pace: RoomPace
  #waiting: Waiting[] = []
  #current: Notice | undefined
  /** Everything after it is to be read from the database. */
  #behindSince: StreamPosition | undefined
  /** The same while it is being read; what is handed out meanwhile waits already. */
  #readingSince: StreamPosition | undefined
  /** What is not after it is not for this pusher. */
  readonly #newSince: StreamPosition
  #badgeDueAt: number | undefined
  #failures = 0
  #pausedUntil = 0

  constructor(pusher: PusherWithProgress, pace: RoomPace, newSince: StreamPosition) {
    this.#newSince = newSince
    this.pusher = pusher
    this.badge = pusher.badge
    this.#pace = pace
    this.#behindSince = pusher.toldUntil
  }

  /** Takes what is new, after everything before it. @param dueAt before then it is not told. */
  add(notice: Notice, dueAt: number): void {
    if (this.#behindSince !== undefined || !isAfter(notice.event.position, this.#newSince)) return
    this.#waiting.push({ notice, dueAt })
    if (this.#waiting.length > MAX_WAITING) this.#fallBehind()
  }

  /** When a group may notify of what is said to nobody in particular. */
  mayTalkAt(roomNid: RoomNid, now: number): number {
    return this.#pace.nextAt(roomNid, now)
  }

  /** The user has read a thread of a room, or all of it: what waits of that is told no more. */
  markRead(roomNid: RoomNid, thread: string, historyPos: number, now: number): void {
    this.#waiting = this.#waiting.filter(({ notice: { event } }) => {
      const covered = event.roomNid === roomNid && (thread === ALL_THREADS || thread === event.thread)
      return !covered || event.historyPos === undefined || event.historyPos > historyPos
    })
    if (this.badge > 0) this.#badgeDueAt ??= now + BADGE_DELAY_MS
  }

  /** Has the badge compared with what was told, at some time. */
  checkBadgeAt(time: number): void {
    this.#badgeDueAt ??= time
  }

  /** When there is something to do; undefined while there is nothing. */
  get dueAt(): number | undefined {
    // Asked for by every pusher that an event notifies, with up to a hundred notices waiting: without a list of them.
    let earliest = this.#behindSince === undefined ? (this.#badgeDueAt ?? Infinity) : 0
    for (const { dueAt } of this.#waiting) if (dueAt < earliest) earliest = dueAt
    return earliest === Infinity ? undefined : Math.max(earliest, this.#pausedUntil)
  }

  /** What is to be done now; `done` or `failed` is called afterwards. */
  next(now: number): PushTask | undefined {
    if (this.#pausedUntil > now) return undefined
    if (this.#behindSince !== undefined) {
      this.#readingSince = this.#behindSince
      this.#behindSince = undefined
      return { kind: 'catch-up', after: this.#readingSince }
    }
    const index = this.#waiting.findIndex(({ dueAt }) => dueAt <= now)
    if (index >= 0) {
      this.#current = this.#take(index, now)
      return { kind: 'notice', notice: this.#current }
    }
    return this.#badgeDueAt !== undefined && this.#badgeDueAt <= now ? { kind: 'badge' } : undefined
  }

  /** The notice in hand has been told. */
  told(notice: Notice, now: number): void {
    if (isGroupTalk(notice)) this.#pace.told(notice.event.roomNid, now)
  }

  /** The task in hand needs no more. @param badge what the gateway knows now, where it was told. */
  done(badge?: number): void {
    this.#current = undefined
    this.#failures = 0
    if (badge === undefined) return
    this.badge = badge
    this.#badgeDueAt = undefined
  }

  /** The task in hand is tried again later. Returns the pause in milliseconds. */
  failed(now: number, retryAfterMs: number | undefined): number {
    if (this.#readingSince !== undefined) this.#fallBehind()
    if (this.#current) this.#waiting.unshift({ notice: this.#current, dueAt: 0 })
    this.#current = undefined
    const pause = Math.max(retryDelayMs(RETRY, ++this.#failures, Math.random())!, retryAfterMs ?? 0)
    this.#pausedUntil = now + pause
    return pause
  }

  /** What was missed has been read from the database up to a position, and waits before what is newer. */
  caughtUp(missed: readonly Notice[], until: StreamPosition): void {
    if (this.#behindSince !== undefined) return
    this.#readingSince = undefined
    const newer = this.#waiting.filter(({ notice }) => isAfter(notice.event.position, until))
    this.#waiting = [...missed.map((notice) => ({ notice, dueAt: 0 })), ...newer]
  }

  /** What must be noted so that a crash loses nothing: the position before what is lacking. */
  get toldUntil(): StreamPosition | undefined {
    const first = this.#current ?? this.#waiting[0]?.notice
    return this.#behindSince ?? this.#readingSince ?? first?.event.after
  }

  /** Of what a busy group has said, the newest stands for all. */
  #take(index: number, now: number): Notice {
    const { notice } = this.#waiting[index]!
    const { roomNid } = notice.event
    if (!isGroupTalk(notice) || !this.#pace.isBusy(roomNid, now)) {
      this.#waiting.splice(index, 1)
      return notice
    }
    const isSuch = ({ notice: other }: Waiting): boolean =>
      other.event.roomNid === roomNid && isGroupTalk(other)
    const newest = this.#waiting.findLast(isSuch)!.notice
    this.#waiting = this.#waiting.filter((waiting) => !isSuch(waiting))
    return newest
  }

  #fallBehind(): void {
    this.#behindSince = this.toldUntil
    this.#readingSince = undefined
    this.#waiting = []
  }
}
