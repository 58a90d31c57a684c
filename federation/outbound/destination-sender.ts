import type { JsonObject } from '../../protocol/json/value.ts'
import type { RoomNid } from '../../storage/numeric-ids.ts'
import { isAfter, type StreamPosition } from '../../storage/position/position.ts'
import type { BacklogSpan } from '../../storage/federation/outbound-progress.ts'
import { FederationRequestError } from '../client/transport/federation-request-error.ts'
import { Backlog } from './backlog.ts'
import { EduQueue } from './edu-queue.ts'
import type { OutgoingEvent } from './outgoing-event.ts'
import { isLost, pauseAfter } from './transaction-failure.ts'
import type { TransactionSender } from './transaction-sender.ts'

/** Server-server API, "Transactions". */
const MAX_PDUS = 50
const MAX_EDUS = 100
/** Events that wait in memory for a slow destination; beyond them it is told from the database. */
const MAX_WAITING_EVENTS = 500
/** The longest that a timer can wait; who is away longer is looked at once in between. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** A transaction on its way. */
interface Batch {
  readonly pdus: readonly JsonObject[]
  readonly edus: readonly JsonObject[]
  delivered(): Promise<void> | void
  failed(): void
}

/**
 * Sends to one destination, one transaction at a time: events in the order of each room, and other data once no
 * event waits. What a destination that is away has missed is read from the database when it is back.
 */
export class DestinationSender {
  readonly serverName: string
  readonly backlog = new Backlog()
  readonly edus = new EduQueue()
  readonly #sender: TransactionSender
  readonly #waiting: OutgoingEvent[] = []
  #sending: readonly OutgoingEvent[] = []
  #running: Promise<void> | undefined
  #again = false
  #timer: NodeJS.Timeout | undefined
  #eduTimer: NodeJS.Timeout | undefined
  #pausedUntil = 0
  #failures = 0
  #hasDurableEdus = false
  #stopped = false

  constructor(serverName: string, sender: TransactionSender) {
    this.serverName = serverName
    this.#sender = sender
  }

  /** Whether nothing at all waits or is under way. */
  get isIdle(): boolean {
    const empty = this.#waiting.length === 0 && this.#sending.length === 0 && this.backlog.isEmpty
    return empty && this.edus.isEmpty && this.#running === undefined && this.#timer === undefined
  }

  /** Takes an event, after all events before it. */
  add(event: OutgoingEvent): void {
    if (this.backlog.isEmpty && this.#waiting.length >= MAX_WAITING_EVENTS) this.#fallBehind()
    if (this.backlog.isEmpty) this.#waiting.push(event)
    else this.backlog.add(event.roomNid, event.position, event.previous)
    if (this.#timer === undefined) this.wake()
  }

  /** The destination has left a room. */
  closeRoom(roomNid: RoomNid, position: StreamPosition): void {
    // Only the backlog knows where to stop.
    if ([...this.#sending, ...this.#waiting].some((event) => event.roomNid === roomNid)) this.#fallBehind()
    this.backlog.close(roomNid, position)
  }

  /**
   * Something has been put into `edus`. A destination that is away is not disturbed for it.
   *
   * @param patienceMs how long it may wait for company, and for the next event, with which it goes at once.
   */
  wakeForEdus(patienceMs: number): void {
    if (this.#timer !== undefined) return
    if (patienceMs === 0) this.wake()
    else this.#eduTimer ??= setTimeout(() => this.wake(), patienceMs).unref()
  }

  /** Stored EDUs wait for the destination. */
  wakeForDurableEdus(): void {
    this.#hasDurableEdus = true
    if (this.#timer === undefined) this.wake()
  }

  /** The destination has been heard from: no pause holds any longer. */
  resume(): void {
    this.#pausedUntil = 0
    this.#failures = 0
    this.wake()
  }

  /** Sends what waits, unless the destination is to be left alone for now. */
  wake(): void {
    if (this.#stopped) return
    this.#again = true
    clearTimeout(this.#timer)
    clearTimeout(this.#eduTimer)
    this.#timer = undefined
    this.#eduTimer = undefined
    this.#running ??= this.#run()
  }

  /** Sends no further transaction; resolves when the one under way has ended. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    clearTimeout(this.#eduTimer)
    await this.#running
  }

  /** What must be noted so that a crash loses nothing: all that has not been told up to `position`. */
  untold(position: StreamPosition): BacklogSpan[] {
    const rooms = new Map<RoomNid, BacklogSpan>()
    for (const { roomNid, position: at, previous } of [...this.#sending, ...this.#waiting]) {
      if (isAfter(at, position) || rooms.has(roomNid) || this.backlog.has(roomNid)) continue
      rooms.set(roomNid, { roomNid, after: previous, until: undefined })
    }
    return [...this.backlog.spans(), ...rooms.values()]
  }

  async #run(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false
      try {
        while (await this.#sendNext());
      } catch (error) {
        this.#sender.onError(this.serverName, error)
        this.#postpone()
      }
    }
    // Here and not when the promise has settled: whoever wakes it in between would be forgotten.
    this.#running = undefined
  }

  /** @returns whether there may be more to send at once. */
  async #sendNext(): Promise<boolean> {
    // Our own pause comes first: when the database is what failed, asking it again at once would go on for ever.
    const paused = this.#pausedUntil > this.#sender.now()
    const retryAt = paused ? this.#pausedUntil : await this.#sender.retryAt(this.serverName)
    if (this.#stopped) return false
    if (retryAt > this.#sender.now()) {
      this.#wakeAt(retryAt)
      return false
    }
    const batch = await this.#nextBatch()
    if (!batch) return false
    try {
      if (batch.pdus.length + batch.edus.length > 0) {
        await this.#sender.send(this.serverName, batch.pdus, batch.edus)
      }
    } catch (error) {
      if (!(error instanceof FederationRequestError)) throw error
      if (!isLost(error)) {
        batch.failed()
        this.#postpone()
        return false
      }
    }
    this.#failures = 0
    await batch.delivered()
    return true
  }

  #postpone(): void {
    this.#fallBehind()
    this.#pausedUntil = this.#sender.now() + pauseAfter(this.#sender.retryPolicy, ++this.#failures)
    this.#again = true
  }

  async #nextBatch(): Promise<Batch | undefined> {
    if (!this.backlog.isEmpty) {
      const { pdus, delivered } = await this.#sender.catchUp.next(this.backlog, MAX_PDUS)
      return { pdus, edus: [], delivered, failed: () => undefined }
    }
    const events = this.#waiting.splice(0, MAX_PDUS)
    this.#sending = events
    const { edus, receipts } = this.#waiting.length > 0 ? NO_EDUS : this.edus.take(MAX_EDUS)
    const durable = await this.#durableEdus(this.#waiting.length > 0 ? 0 : MAX_EDUS - edus.length)
    if (events.length + edus.length + durable.edus.length === 0) return undefined
    return {
      pdus: events.map(({ pdu }) => pdu),
      edus: [...edus, ...durable.edus],
      delivered: async () => {
        this.#sending = []
        await durable.delivered()
      },
      failed: () => {
        this.edus.dropTyping()
        this.edus.restore(receipts)
        this.#hasDurableEdus ||= durable.edus.length > 0
      },
    }
  }

  async #durableEdus(limit: number) {
    if (!this.#hasDurableEdus || limit === 0) return { edus: [], delivered: () => Promise.resolve() }
    const durable = await this.#sender.durableEdus(this.serverName, limit)
    this.#hasDurableEdus = durable.edus.length > 0
    return durable
  }

  /** From now on the destination is told from the database, beginning with what has not got through. */
  #fallBehind(): void {
    for (const { roomNid, position, previous } of [...this.#sending, ...this.#waiting]) {
      this.backlog.add(roomNid, position, previous)
    }
    this.#sending = []
    this.#waiting.length = 0
  }

  #wakeAt(time: number): void {
    const wait = Math.min(time - this.#sender.now(), MAX_TIMER_MS)
    this.#timer = setTimeout(() => this.wake(), wait).unref()
  }
}

const NO_EDUS = { edus: [], receipts: [] }
