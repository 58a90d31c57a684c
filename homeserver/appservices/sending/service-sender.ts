import {
  savePending,
  savePlace,
  type PendingTransaction,
  type ServiceProgress,
} from '../../../storage/appservices/transactions.ts'
import { isAfter, laterOf, type StreamPosition } from '../../../storage/position/position.ts'
import { isSuccess } from '../client/service-client.ts'
import type { AppService } from '../registration/app-service.ts'
import { CatchUp } from './catch-up.ts'
import { composeTransaction, MAX_EVENTS } from './compose-transaction.ts'
import { DeviceNews } from './device-news.ts'
import { EphemeralNews } from './ephemeral-news.ts'
import type { SenderParts } from './sender-parts.ts'
import type { ServiceItem } from './service-item.ts'

/** Events that wait in memory for a service that keeps up; beyond them it is told from the database. */
const MAX_WAITING = 1_000
/** A service may create rooms and users before it answers. */
const TIMEOUT_MS = 60_000
/** The first pause after a failure, which doubles up to the last: a bridge that is back waits some minutes at most. */
const FIRST_PAUSE_MS = 1_000
const LAST_PAUSE_MS = 5 * 60_000

/**
 * Sends to one application service, one transaction at a time, in the order of the stream, for ever (application
 * service API, "Pushing events"). A transaction is stored before it is sent, so that it is sent again as it was after
 * whatever happens. Nobody waits for it; a service that is away costs a timer.
 */
export class ServiceSender {
  readonly service: AppService
  readonly ephemeral: EphemeralNews
  /** Undefined for services that are not told of devices. */
  devices: DeviceNews | undefined
  readonly #parts: SenderParts
  /** Everything up to here is told, or in the pending transaction, or was not for the service. */
  #place: StreamPosition
  #number: number
  #pending: PendingTransaction | undefined
  #waiting: ServiceItem[] = []
  /** Undefined while all that the service has not been told waits in memory. */
  #catchUp: CatchUp | undefined
  /** From here on what happens waits in memory again, while the database is read up to here. */
  #rejoinAt: StreamPosition | undefined
  /** Whether more has happened than could wait. */
  #overflowed = false
  #running: Promise<void> | undefined
  #again = false
  #timer: NodeJS.Timeout | undefined
  #failures = 0
  #stopped = false

  constructor(service: AppService, parts: SenderParts, { place, number, pending }: ServiceProgress) {
    this.service = service
    this.#parts = parts
    this.#pending = pending
    this.#place = pending?.until ?? place
    this.#number = number
    this.#catchUp = new CatchUp(parts.services, service, this.#place)
    this.ephemeral = new EphemeralNews(service.ephemeral === 'none' ? undefined : this.#place)
    this.devices = this.#allDeviceNews()
  }

  /** Whether it has failed and is being left alone. */
  get isAway(): boolean {
    return this.#failures > 0
  }

  /** Takes something that has just been committed, after all before it. */
  offer(item: ServiceItem): void {
    const isDeaf = this.#overflowed || (this.#catchUp !== undefined && this.#rejoinAt === undefined)
    if (!isDeaf && this.#waiting.length >= MAX_WAITING) this.#fallBehind()
    else if (!isDeaf) this.#waiting.push(item)
    this.wake()
  }

  /** Something other than events is there to be told; a service that is away is not told of it. */
  wakeForNews(): void {
    if (this.isAway) this.#forgetEphemeral()
    else this.wake()
  }

  /** The service has shown that it is there. */
  resume(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.wake()
  }

  /** Sends what waits, unless the service is being left alone. */
  wake(): void {
    this.#again = true
    if (this.#stopped || this.#timer) return
    // Not at once: all that is offered together, and the position after it, are there by then.
    this.#running ??= Promise.resolve().then(() => this.#run())
  }

  /** Ends after the request under way and notes how far the service has been told. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    await this.#running
    if (this.#pending) return
    const place = this.#isIdle ? laterOf(this.#place, this.#parts.position()) : this.#place
    await savePlace(this.#parts.services.queries, this.service.id, place)
  }

  /** Notes how far the stream has gone on without anything for the service, so that a start need not look at it. */
  async noteProgress(): Promise<void> {
    const position = this.#parts.position()
    if (!this.#isIdle || this.#running || !isAfter(position, this.#place)) return
    this.#place = position
    await savePlace(this.#parts.services.queries, this.service.id, position)
  }

  get #isIdle(): boolean {
    return !this.#pending && !this.#catchUp && !this.#overflowed && this.#waiting.length === 0
  }

  async #run(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false
      try {
        while (!this.#stopped && (await this.#next()));
      } catch (error) {
        this.#parts.onError(error, this.service.id)
        this.#postpone()
      }
      if (this.#timer) break
    }
    // Here and not when the promise has settled: whoever wakes it in between would be forgotten.
    this.#running = undefined
  }

  /** @returns whether there may be more. */
  async #next(): Promise<boolean> {
    this.#pending ??= await this.#compose()
    const pending = this.#pending
    if (!pending) return this.#catchUp !== undefined
    const path = `/_matrix/app/v1/transactions/${pending.number}`
    const answer = await this.#parts.client.call(this.service, {
      method: 'PUT',
      path,
      legacyPath: `/transactions/${pending.number}`,
      body: pending.body,
      timeoutMs: TIMEOUT_MS,
    })
    if (!isSuccess(answer)) throw new Error(`the application service answered ${answer.status}`)
    this.#failures = 0
    this.#pending = undefined
    // Where more waits, the next transaction notes it.
    if (!this.#hasNews()) await savePlace(this.#parts.services.queries, this.service.id, this.#place)
    return true
  }

  #hasNews(): boolean {
    const more = this.#waiting.length > 0 || this.#catchUp !== undefined || this.#overflowed
    return more || !this.ephemeral.isEmpty || this.devices?.isEmpty === false
  }

  /** Stores the next transaction; undefined when there is nothing to tell. */
  async #compose(): Promise<PendingTransaction | undefined> {
    if (this.#overflowed) {
      this.#catchUp = new CatchUp(this.#parts.services, this.service, this.#place)
      this.#overflowed = false
    }
    const catchUp = this.#catchUp
    const { items, upTo } = catchUp ? await this.#missed(catchUp) : this.#kept()
    const { devices } = this
    const ephemeral = this.#catchUp ? undefined : this.ephemeral
    const news = { items, upTo, ephemeral, devices }
    const { body, used, carried } = await composeTransaction(this.#parts, this.service, news)
    const rest = items.slice(used)
    const last = items[used - 1]
    const until = rest.length > 0 && last ? last.position : upTo
    if (rest.length > 0) this.#putBack(catchUp, rest)
    if (body === undefined) {
      this.#place = until
      return undefined
    }
    const pending = { number: this.#number + 1, body, until }
    await savePending(this.#parts.services.queries, this.service.id, this.#place, pending, carried)
    this.#number += 1
    this.#place = until
    return pending
  }

  #kept(): { items: ServiceItem[]; upTo: StreamPosition } {
    const items = this.#waiting.splice(0, MAX_EVENTS)
    const last = items.at(-1)
    return { items, upTo: this.#waiting.length > 0 && last ? last.position : this.#parts.position() }
  }

  /** Reads on; what happens meanwhile begins to wait in memory, and once the reading is there, it goes on with that. */
  async #missed(catchUp: CatchUp): Promise<{ items: ServiceItem[]; upTo: StreamPosition }> {
    if (this.#rejoinAt === undefined) this.#waiting = []
    const target = (this.#rejoinAt ??= this.#parts.position())
    const page = await catchUp.next(target, MAX_EVENTS)
    if (this.#rejoinAt === target && !isAfter(target, page.upTo)) this.#catchUp = this.#rejoinAt = undefined
    return page
  }

  #putBack(catchUp: CatchUp | undefined, rest: readonly ServiceItem[]): void {
    if (catchUp) {
      catchUp.putBack(rest)
      // It may just have been done with.
      if (!this.#catchUp) [this.#catchUp, this.#rejoinAt] = [catchUp, rest.at(-1)!.position]
    } else if (!this.#overflowed) this.#waiting.unshift(...rest)
  }

  /** What waits in memory is told from the database later. */
  #fallBehind(): void {
    this.#waiting = []
    this.#rejoinAt = undefined
    if (!this.#catchUp) this.#overflowed = true
  }

  #allDeviceNews(): DeviceNews | undefined {
    if (!this.service.tellsDevices) return undefined
    return new DeviceNews(this.service, this.#place, this.#parts.position())
  }

  #forgetEphemeral(): void {
    if (this.service.ephemeral !== 'none') this.ephemeral.forget(this.#place)
  }

  #postpone(): void {
    this.#failures += 1
    this.#forgetEphemeral()
    // What was taken from memory for a transaction that could not be stored is found in the database.
    this.#catchUp = undefined
    this.#fallBehind()
    this.devices = this.#allDeviceNews()
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** (this.#failures - 1), LAST_PAUSE_MS)
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.wake()
    }, pause)
    this.#timer.unref()
  }
}
