import type { AccountDataEntry } from '../../storage/accounts/account-data-reader.ts'
import { ACCOUNT_DATA, type AccountDataWrite } from '../../storage/accounts/account-data-write.ts'
import { eventWriteOf, type EventWrite } from '../../storage/events/event-write.ts'
import type { RoomNid, UserNid } from '../../storage/numeric-ids.ts'
import { itemOf, type CommittedWrite } from '../../storage/position/committed-write.ts'
import { isAfter, type StreamPosition } from '../../storage/position/position.ts'
import { receiptOf, type ReceiptWrite } from '../../storage/rooms/receipt-write.ts'
import type { Receipt } from '../../storage/sync/receipts-reader.ts'
import type { RoomStretch, StateDelta } from '../../storage/sync/state-places-reader.ts'
import type { HistoryPlace, TimelineRange } from '../../storage/sync/timeline-reader.ts'
import type { ChangeSource } from './change-source.ts'
import { REJUDGED_EVENTS, type RejudgedEvents } from '../../storage/partial-joins/rejudged-events.ts'
import { SETTLED_STATE, type SettledState } from '../../storage/partial-joins/settled-state.ts'

/** Minutes of a busy server; about 200 bytes each. Whoever comes from before is answered from the database. */
const MAX_FACTS = 50_000

interface At {
  readonly position: StreamPosition
}

interface RecentRoom {
  readonly events: (HistoryPlace & At)[]
  readonly deltas: StateDelta[]
  readonly receipts: (Receipt & At)[]
  last: StreamPosition
}

/** Where a fact is kept, to let go of it when its time is over. */
interface Kept extends At {
  readonly weight: number
  readonly lists: readonly At[][]
  readonly forget: () => void
}

/**
 * The newest commits of this process, so that syncs of those who keep up need no query. It is only a cache of what
 * is committed: answers are those that the database would give.
 */
export class RecentChanges implements ChangeSource {
  readonly #stored: ChangeSource
  readonly #rooms = new Map<RoomNid, RecentRoom>()
  readonly #accountData = new Map<UserNid, (AccountDataWrite & At)[]>()
  readonly #kept: Kept[] = []
  readonly #maxFacts: number
  #first = 0
  #facts = 0
  #floor: StreamPosition

  /** @param floor the head of the stream when listening began; @param stored answers what is not remembered. */
  constructor(stored: ChangeSource, floor: StreamPosition, maxFacts = MAX_FACTS) {
    this.#stored = stored
    this.#floor = floor
    this.#maxFacts = maxFacts
  }

  /** Whether everything after `position` is remembered. */
  reaches(position: StreamPosition): boolean {
    return !isAfter(this.#floor, position)
  }

  /** Keeps up with what is committed. */
  absorb(writes: readonly CommittedWrite[]): void {
    for (const committed of writes) {
      const event = eventWriteOf(committed)
      if (event) this.#addEvent(event, committed.position)
      const settled = itemOf(SETTLED_STATE, committed)
      if (settled) this.#addState(settled, committed.position)
      const rejudged = itemOf(REJUDGED_EVENTS, committed)
      if (rejudged) this.#hide(rejudged)
      const receipt = receiptOf(committed)
      if (receipt) this.#addReceipt(receipt, committed.position)
      const data = itemOf(ACCOUNT_DATA, committed)
      if (data) this.#addAccountData(data, committed.position)
    }
    while (this.#facts > this.#maxFacts) this.#forgetFirst()
  }

  async changedRooms(
    roomNids: readonly RoomNid[],
    after: StreamPosition,
    upTo: StreamPosition,
  ): Promise<ReadonlySet<RoomNid>> {
    if (!this.reaches(after)) return this.#stored.changedRooms(roomNids, after, upTo)
    return new Set(
      roomNids.filter((roomNid) => {
        const room = this.#rooms.get(roomNid)
        return room !== undefined && isAfter(room.last, after)
      }),
    )
  }

  async newestPlaces(
    ranges: readonly TimelineRange[],
    limit: number,
  ): Promise<ReadonlyMap<RoomNid, readonly HistoryPlace[]>> {
    const elsewhere = ranges.filter(({ after }) => after === undefined || !this.reaches(after))
    const places = new Map(elsewhere.length > 0 ? await this.#stored.newestPlaces(elsewhere, limit) : [])
    for (const range of ranges) {
      if (!places.has(range.roomNid)) places.set(range.roomNid, this.#newestOf(range, limit))
    }
    return places
  }

  async stateDeltas(stretches: readonly RoomStretch[]): Promise<readonly StateDelta[]> {
    return this.#collect(
      stretches,
      (room) => room.deltas,
      (rest) => this.#stored.stateDeltas(rest),
    )
  }

  async receipts(stretches: readonly RoomStretch[]): Promise<readonly Receipt[]> {
    const all = await this.#collect(
      stretches,
      (room) => room.receipts,
      (rest) => this.#stored.receipts(rest),
    )
    const last = new Map<string, Receipt>()
    for (const receipt of all) {
      const key = `${receipt.roomNid}/${receipt.userNid}/${receipt.receiptType}/${receipt.thread}`
      last.delete(key)
      last.set(key, receipt)
    }
    return [...last.values()]
  }

  async accountData(
    userNid: UserNid,
    after: StreamPosition,
    upTo: StreamPosition,
  ): Promise<readonly AccountDataEntry[]> {
    if (!this.reaches(after)) return this.#stored.accountData(userNid, after, upTo)
    const last = new Map<string, AccountDataEntry>()
    for (const data of stretchOf(this.#accountData.get(userNid) ?? [], after, upTo)) {
      const { roomNid, type, content } = data
      last.delete(`${roomNid}/${type}`)
      last.set(`${roomNid}/${type}`, { roomNid, type, content })
    }
    return [...last.values()]
  }

  #newestOf({ roomNid, after, upTo, beforeHistory }: TimelineRange, limit: number): HistoryPlace[] {
    const places: HistoryPlace[] = []
    const events = this.#rooms.get(roomNid)?.events ?? []
    for (let index = events.length - 1; index >= 0 && places.length < limit; index--) {
      const event = events[index]!
      if (after !== undefined && !isAfter(event.position, after)) break
      if (isAfter(event.position, upTo)) continue
      if (beforeHistory !== undefined && event.historyPos >= beforeHistory) continue
      places.push(event)
    }
    return places
  }

  async #collect<Fact extends At, Wider>(
    stretches: readonly RoomStretch[],
    factsOf: (room: RecentRoom) => readonly Fact[],
    ask: (rest: readonly RoomStretch[]) => Promise<readonly Wider[]>,
  ): Promise<readonly (Fact | Wider)[]> {
    const rest = stretches.filter(({ after }) => !this.reaches(after))
    const facts: (Fact | Wider)[] = rest.length > 0 ? [...(await ask(rest))] : []
    for (const { roomNid, after, upTo } of stretches) {
      const room = this.reaches(after) ? this.#rooms.get(roomNid) : undefined
      if (room) facts.push(...stretchOf(factsOf(room), after, upTo))
    }
    return facts
  }

  #addEvent(write: EventWrite, position: StreamPosition): void {
    const { roomNid, row } = write
    if (!write.live && write.stateChanges.length === 0) return
    const room = this.#roomAt(roomNid, position)
    if (write.live && row.historyPos !== undefined) {
      room.events.push({ eventNid: row.eventNid, historyPos: row.historyPos, position })
    }
    for (const change of write.stateChanges) room.deltas.push({ ...change, roomNid, position })
    this.#keepRoom(roomNid, room, position, 1 + write.stateChanges.length)
  }

  #addState({ roomNid, stateChanges }: SettledState, position: StreamPosition): void {
    const room = this.#roomAt(roomNid, position)
    for (const change of stateChanges) room.deltas.push({ ...change, roomNid, position })
    this.#keepRoom(roomNid, room, position, 1 + stateChanges.length)
  }

  /** Events that turn out to be none of the room's history. */
  #hide({ roomNid, events }: RejudgedEvents): void {
    const room = this.#rooms.get(roomNid)
    if (!room) return
    const hidden = new Set(events.filter(({ historyPos }) => historyPos === undefined).map((e) => e.eventNid))
    for (let index = room.events.length - 1; index >= 0; index--) {
      if (hidden.has(room.events[index]!.eventNid)) room.events.splice(index, 1)
    }
  }

  #addReceipt({ roomNid, userNid, type, thread, eventId, ts }: ReceiptWrite, position: StreamPosition): void {
    const room = this.#roomAt(roomNid, position)
    room.receipts.push({ roomNid, userNid, receiptType: type, thread, eventId, ts, position })
    this.#keepRoom(roomNid, room, position, 1)
  }

  #addAccountData(data: AccountDataWrite, position: StreamPosition): void {
    const list = this.#accountData.get(data.userNid) ?? []
    this.#accountData.set(data.userNid, list)
    list.push({ ...data, position })
    this.#keep({
      position,
      weight: 1,
      lists: [list],
      forget: () => void (list.length === 0 && this.#accountData.delete(data.userNid)),
    })
  }

  #roomAt(roomNid: RoomNid, position: StreamPosition): RecentRoom {
    const room = this.#rooms.get(roomNid) ?? { events: [], deltas: [], receipts: [], last: position }
    room.last = position
    this.#rooms.set(roomNid, room)
    return room
  }

  #keepRoom(roomNid: RoomNid, room: RecentRoom, position: StreamPosition, weight: number): void {
    const { events, deltas, receipts } = room
    this.#keep({
      position,
      weight,
      lists: [events, deltas, receipts],
      forget: () => void (isAfter(room.last, this.#floor) || this.#rooms.delete(roomNid)),
    })
  }

  #keep(kept: Kept): void {
    this.#kept.push(kept)
    this.#facts += kept.weight
  }

  #forgetFirst(): void {
    const kept = this.#kept[this.#first++]!
    this.#facts -= kept.weight
    this.#floor = kept.position
    for (const list of kept.lists) {
      let gone = 0
      while (gone < list.length && !isAfter(list[gone]!.position, this.#floor)) gone++
      if (gone > 0) list.splice(0, gone)
    }
    kept.forget()
    // The array is shortened rarely, so that letting go costs the same for one fact as for many.
    if (this.#first > this.#maxFacts) this.#kept.splice(0, this.#first)
    if (this.#first > this.#maxFacts) this.#first = 0
  }
}

function stretchOf<Fact extends At>(
  facts: readonly Fact[],
  after: StreamPosition,
  upTo: StreamPosition,
): readonly Fact[] {
  let from = facts.length
  while (from > 0 && isAfter(facts[from - 1]!.position, after)) from--
  let to = facts.length
  while (to > from && isAfter(facts[to - 1]!.position, upTo)) to--
  return facts.slice(from, to)
}
