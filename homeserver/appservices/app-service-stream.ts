import { setTimeout as sleep } from 'node:timers/promises'
import { forgetOtherServices, openProgress } from '../../storage/appservices/transactions.ts'
import type { StoredEvent } from '../../storage/events/stored-event.ts'
import type { RoomNid } from '../../storage/numeric-ids.ts'
import type { CommittedWrite } from '../../storage/position/committed-write.ts'
import { STREAM_START, type StreamPosition } from '../../storage/position/position.ts'
import type { SyncServices } from '../sync/sync-services.ts'
import type { AppServices } from './app-services.ts'
import type { ServiceClient } from './client/service-client.ts'
import { RoomInterest } from './interest/room-interest.ts'
import type { AppService } from './registration/app-service.ts'
import { readWrites, type StreamNews } from './read-writes.ts'
import type { SenderParts } from './sending/sender-parts.ts'
import { ServiceSender } from './sending/service-sender.ts'
import { OneAtATime } from '../turns/one-at-a-time.ts'

/** Writes that share a look at who is interested. */
const WRITES_PER_TURN = 500
/** After the database could not be read. */
const RETRY_MS = 1_000
/** What a start has to look at again of a server on which nothing happens for a service. */
const PROGRESS_INTERVAL_MS = 5 * 60_000

/** What the stream is told of that no commit says. */
export interface PresenceChange {
  readonly userId: string
  readonly rooms: ReadonlySet<RoomNid>
  /** As `m.presence` has it. */
  readonly content: Readonly<Record<string, string | number | boolean>>
}

/**
 * Follows the stream of commits for the application services and hands each of them what it is interested in, in
 * order. It works behind the commits: nobody who sends waits for it.
 */
export class AppServiceStream {
  readonly #services: SyncServices
  readonly #appServices: readonly AppService[]
  readonly #client: ServiceClient
  readonly #interest: RoomInterest
  readonly #onError: SenderParts['onError']
  readonly #senders = new Map<AppService, ServiceSender>()
  /** The interest is of one place; whoever asks for it waits until it has moved on. */
  readonly #turns = new OneAtATime()
  readonly #stops: (() => void)[] = []
  #incoming: CommittedWrite[] = []
  #position: StreamPosition = STREAM_START
  #head: StreamPosition = STREAM_START
  #draining: Promise<void> | undefined
  #stopped = false

  constructor(services: SyncServices, appServices: AppServices, onError: SenderParts['onError']) {
    this.#services = services
    this.#appServices = appServices.all.filter(({ url }) => url !== undefined)
    this.#client = appServices.client
    this.#interest = new RoomInterest(services, this.#appServices)
    this.#onError = onError
  }

  /** Takes up where the last run ended. After the committer has started. */
  async start(): Promise<void> {
    const { committer, queries, ephemeral } = this.#services
    this.#stops.push(committer.onCommit((writes, head) => this.#receive(writes, head)))
    this.#position = this.#head = committer.head
    await forgetOtherServices(
      queries,
      this.#appServices.map(({ id }) => id),
    )
    const parts: SenderParts = {
      services: this.#services,
      client: this.#client,
      position: () => this.#position,
      interestIn: (roomNids) => this.#interestIn(roomNids),
      onError: this.#onError,
    }
    for (const service of this.#appServices) {
      const progress = await openProgress(queries, service.id, this.#position)
      this.#senders.set(service, new ServiceSender(service, parts, progress))
    }
    this.#stops.push(ephemeral.onChange((roomId) => this.#typingChanged(roomId)))
    const timer = setInterval(() => void this.#noteProgress(), PROGRESS_INTERVAL_MS).unref()
    this.#stops.push(() => clearInterval(timer))
    for (const sender of this.#senders.values()) sender.wake()
    this.#drainIncoming()
  }

  /** Ends after the requests under way. */
  async stop(): Promise<void> {
    this.#stopped = true
    for (const stop of this.#stops) stop()
    await this.#draining
    await Promise.all([...this.#senders.values()].map((sender) => sender.stop()))
  }

  /** A service has shown that it is there. */
  heardFrom(service: AppService): void {
    this.#senders.get(service)?.resume()
  }

  /** The aliases of a room have changed. */
  aliasesChanged(roomNid: RoomNid): void {
    this.#interest.forget(roomNid)
  }

  /** Tells of presence those who share a room with the user. */
  async tellPresence({ userId, rooms, content }: PresenceChange): Promise<void> {
    if (!this.#appServices.some(({ ephemeral }) => ephemeral !== 'none')) return
    const interest = await this.#interestIn([...rooms])
    const services = new Set([
      ...this.#interest.users.of(userId),
      ...[...interest.values()].flatMap((of) => [...of]),
    ])
    this.#tell(services, ({ ephemeral }) => ephemeral.addPresence(userId, content))
  }

  #typingChanged(roomId: string): void {
    if (!this.#appServices.some(({ ephemeral }) => ephemeral !== 'none')) return
    void this.#tellTyping(roomId).catch((error: unknown) => this.#onError(error, ''))
  }

  async #tellTyping(roomId: string): Promise<void> {
    const roomNid = await this.#services.interner.findRoomNid(roomId)
    if (roomNid === undefined) return
    const interest = await this.#interestIn([roomNid])
    this.#tell(interest.get(roomNid) ?? [], ({ ephemeral }) => ephemeral.addTyping(roomId))
  }

  #tell(services: Iterable<AppService>, add: (sender: ServiceSender) => void): void {
    for (const service of services) {
      const sender = this.#senders.get(service)
      if (!sender || service.ephemeral === 'none') continue
      add(sender)
      sender.wakeForNews()
    }
  }

  #interestIn(roomNids: readonly RoomNid[]): Promise<ReadonlyMap<RoomNid, ReadonlySet<AppService>>> {
    return this.#turns.take('', () => this.#interest.in(roomNids, this.#position))
  }

  #receive(writes: readonly CommittedWrite[], head: StreamPosition): void {
    this.#incoming.push(...writes)
    this.#head = head
    this.#drainIncoming()
  }

  #drainIncoming(): void {
    if (this.#stopped || this.#senders.size < this.#appServices.length) return
    this.#draining ??= this.#drain().finally(() => {
      this.#draining = undefined
      if (this.#incoming.length > 0) this.#drainIncoming()
    })
  }

  /** Nothing is skipped: what fails for want of the database is tried again. */
  async #drain(): Promise<void> {
    while (this.#incoming.length > 0 && !this.#stopped) {
      const batch = this.#incoming.slice(0, WRITES_PER_TURN)
      try {
        await this.#turns.take('', () => this.#spread(batch))
        this.#incoming.splice(0, batch.length)
      } catch (error) {
        this.#onError(error, '')
        await sleep(RETRY_MS)
      }
    }
  }

  async #spread(batch: readonly CommittedWrite[]): Promise<void> {
    const news = await readWrites(this.#services, batch)
    const walked = await this.#interest.walk(eventsOf(news), this.#position)
    const interested = new Map(walked.map((event) => [event.position, event]))
    const rooms = await this.#interest.in(
      news.flatMap((item) => (item.kind === 'receipt' ? [item.receipt.roomNid] : [])),
      batch.at(-1)!.position,
    )
    // From here on nothing waits, so that what is offered and the position are never apart.
    for (const item of news) {
      if (item.kind === 'event') {
        const event = interested.get(item.position)
        for (const service of event?.services ?? []) {
          const { position, roomNid, eventNid, entered } = event!
          const offered = {
            kind: 'event' as const,
            position,
            roomNid,
            eventNid,
            entered: entered.has(service),
          }
          this.#senders.get(service)?.offer(offered)
        }
      } else if (item.kind === 'outside') {
        for (const service of this.#interest.users.of(item.userId)) this.#senders.get(service)?.offer(item)
      } else if (item.kind === 'receipt') {
        this.#tellReceipt(item, rooms.get(item.receipt.roomNid) ?? new Set())
      } else {
        this.#tellDevices(item)
      }
    }
    this.#position = this.#incoming.length > batch.length ? batch.at(-1)!.position : this.#head
  }

  /** Private receipts are for the services of their users alone. */
  #tellReceipt(
    { receipt, userId }: Extract<StreamNews, { kind: 'receipt' }>,
    inRoom: ReadonlySet<AppService>,
  ): void {
    const services = receipt.type === 'm.read' ? inRoom : this.#interest.users.of(userId)
    this.#tell(services, ({ ephemeral }) => ephemeral.addReceipt({ ...receipt, receiptType: receipt.type }))
  }

  #tellDevices(item: Extract<StreamNews, { kind: 'to-device' | 'key-stock' | 'device-list' }>): void {
    const services = item.kind === 'device-list' ? this.#appServices : this.#interest.users.of(item.userId)
    for (const service of services) {
      const sender = this.#senders.get(service)
      if (!sender?.devices) continue
      if (item.kind === 'device-list') sender.devices.addLists(item.position)
      else if (item.kind === 'to-device') sender.devices.addMessage(item.userNid)
      else sender.devices.addStock(item.userNid)
      sender.wakeForNews()
    }
  }

  async #noteProgress(): Promise<void> {
    for (const sender of this.#senders.values()) {
      await sender.noteProgress().catch((error: unknown) => this.#onError(error, sender.service.id))
    }
  }
}

function eventsOf(news: readonly StreamNews[]): { stored: StoredEvent; position: StreamPosition }[] {
  return news.flatMap((item) =>
    item.kind === 'event' ? [{ stored: item.stored, position: item.position }] : [],
  )
}
