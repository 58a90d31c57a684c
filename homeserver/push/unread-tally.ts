import type { RoomNid, UserNid } from '../../storage/numeric-ids.ts'
import {
  expectedOutcome,
  type EventReach,
  type Hearing,
  type PersonalOutcome,
} from '../../storage/push/event-reach.ts'
import { ALL_THREADS, MAIN_THREAD } from '../../storage/rooms/threads.ts'
import type { HeardRoom, UnreadThread } from '../../storage/sync/unread-reader.ts'

/** Unread notifications, and those among them that stand out. */
export interface UnreadCount {
  readonly notifications: number
  readonly highlights: number
}

/** What is unread in a room: each thread that has something, `main` among them. */
export type UnreadRoom = ReadonlyMap<string, UnreadCount>

/** A new event as it counts for one user. */
export interface Notice {
  readonly roomNid: RoomNid
  readonly historyPos: number
  readonly reach: EventReach
  /** What it is to this user in particular. */
  readonly own: PersonalOutcome | undefined
}

interface Tally {
  readonly hearing: Hearing
  readonly threads: Map<string, UnreadCount>
  /** Place of the newest event that it has taken in. */
  asOf: number
}

/** A load that is under way, and what happens meanwhile. */
interface Load {
  readonly rooms: ReadonlySet<RoomNid>
  readonly notices: Notice[]
  readonly stale: Set<RoomNid>
}

/**
 * One user's unread counts in memory: read from the database when a room is asked for, counted on with every commit,
 * and forgotten when something happens that cannot be counted on.
 */
export class UnreadTally {
  readonly userNid: UserNid
  readonly #tallies = new Map<RoomNid, Tally>()
  readonly #loads = new Set<Load>()

  constructor(userNid: UserNid) {
    this.userNid = userNid
  }

  /** What is unread in a room; undefined where that has to be read. */
  of(roomNid: RoomNid): UnreadRoom | undefined {
    return this.#tallies.get(roomNid)?.threads
  }

  /** An event by somebody else. */
  add(notice: Notice): void {
    for (const load of this.#loads) if (load.rooms.has(notice.roomNid)) load.notices.push(notice)
    const tally = this.#tallies.get(notice.roomNid)
    if (tally) count(tally, notice)
  }

  /** The user has read a thread of a room, or all of it, up to a place. */
  markRead(roomNid: RoomNid, thread: string, historyPos: number): void {
    this.#spoil(roomNid)
    const tally = this.#tallies.get(roomNid)
    if (!tally) return
    const read = thread === ALL_THREADS ? [...tally.threads.keys()] : [thread]
    const unread = read.filter((name) => tally.threads.has(name))
    if (unread.length === 0) return
    // Only of a place below the newest it is not known how much lies above.
    if (historyPos < tally.asOf) this.#tallies.delete(roomNid)
    else for (const name of unread) tally.threads.delete(name)
  }

  /** Something of the room that was counted counts no more. */
  recall(roomNid: RoomNid): void {
    this.#spoil(roomNid)
    if ((this.#tallies.get(roomNid)?.threads.size ?? 0) > 0) this.#tallies.delete(roomNid)
  }

  /** The user's relation to the room has changed. */
  forget(roomNid: RoomNid): void {
    this.#spoil(roomNid)
    this.#tallies.delete(roomNid)
  }

  /** The user's push rules have changed. */
  forgetAll(): void {
    for (const load of this.#loads) for (const roomNid of load.rooms) load.stale.add(roomNid)
    this.#tallies.clear()
  }

  /** Reads rooms and keeps them, as far as nothing else happens to them meanwhile. */
  async load(
    rooms: readonly RoomNid[],
    read: () => Promise<{
      readonly heard: readonly HeardRoom[]
      readonly unread: readonly UnreadThread[]
    }>,
  ): Promise<ReadonlyMap<RoomNid, UnreadRoom>> {
    const load: Load = { rooms: new Set(rooms), notices: [], stale: new Set() }
    this.#loads.add(load)
    try {
      const { heard, unread } = await read()
      const tallies = talliesOf(heard, unread)
      for (const notice of load.notices) {
        const tally = tallies.get(notice.roomNid)
        if (tally) count(tally, notice)
      }
      for (const [roomNid, tally] of tallies) {
        if (!load.stale.has(roomNid)) this.#tallies.set(roomNid, tally)
      }
      return new Map(Array.from(tallies, ([roomNid, { threads }]) => [roomNid, threads]))
    } finally {
      this.#loads.delete(load)
    }
  }

  #spoil(roomNid: RoomNid): void {
    for (const load of this.#loads) if (load.rooms.has(roomNid)) load.stale.add(roomNid)
  }
}

/** All threads of a room together. */
export function unreadInAll(room: UnreadRoom): UnreadCount {
  let [notifications, highlights] = [0, 0]
  for (const thread of room.values()) {
    notifications += thread.notifications
    highlights += thread.highlights
  }
  return { notifications, highlights }
}

/** The main timeline alone. */
export function unreadInMain(room: UnreadRoom): UnreadCount {
  return room.get(MAIN_THREAD) ?? { notifications: 0, highlights: 0 }
}

function count(tally: Tally, { historyPos, reach, own }: Notice): void {
  if (historyPos <= tally.asOf) return
  tally.asOf = historyPos
  const { notify, highlight } = own ?? expectedOutcome(reach, tally.hearing)
  if (!notify) return
  const before = tally.threads.get(reach.thread)
  tally.threads.set(reach.thread, {
    notifications: (before?.notifications ?? 0) + 1,
    highlights: (before?.highlights ?? 0) + (highlight ? 1 : 0),
  })
}

function talliesOf(
  heard: readonly HeardRoom[],
  unread: readonly UnreadThread[],
): ReadonlyMap<RoomNid, Tally> {
  const tallies = new Map<RoomNid, Tally>(
    heard.map((hearing) => [hearing.roomNid, { hearing, threads: new Map(), asOf: 0 }]),
  )
  for (const { roomNid, thread, notifications, highlights, asOf } of unread) {
    const tally = tallies.get(roomNid)
    if (!tally) continue
    tally.asOf = asOf
    if (notifications > 0 || highlights > 0) tally.threads.set(thread, { notifications, highlights })
  }
  return tallies
}
