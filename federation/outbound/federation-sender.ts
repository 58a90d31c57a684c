import { setTimeout as sleep } from 'node:timers/promises'
import type { JsonObject } from '../../protocol/json/value.ts'
import { eventWriteOf } from '../../storage/events/event-write.ts'
import { forgetRelayMarks } from '../../storage/federation/outbound-events.ts'
import { readBacklogs, readOutboundCursor } from '../../storage/federation/outbound-progress.ts'
import type { RoomNid } from '../../storage/numeric-ids.ts'
import { itemOf, type CommittedWrite } from '../../storage/position/committed-write.ts'
import { STREAM_START, type StreamPosition } from '../../storage/position/position.ts'
import type { DestinationSender } from './destination-sender.ts'
import { Destinations } from './destinations.ts'
import { eduPatienceMs } from './edu-patience.ts'
import type { OutgoingReceipt } from './edu-queue.ts'
import type { EduSource } from './edu-source.ts'
import { JoinedServers } from './joined-servers.ts'
import type { Outbound } from './outbound.ts'
import { ProgressKeeper } from './progress-keeper.ts'
import { sharedSender, type OutboundDependencies } from './shared-sender.ts'
import { Spreader, type Incoming } from './spreader.ts'
import type { TransactionSender } from './transaction-sender.ts'
import { SETTLED_STATE } from '../../storage/partial-joins/settled-state.ts'

/** How often progress is noted: what a crash makes us send again is of about this time. */
const SAVE_INTERVAL_MS = 1_000
/** Writes that share a look at what is to be relayed. */
const WRITES_PER_TURN = 500
/** After the database could not be read. */
const RETRY_MS = 1_000
/** How long relayed events stay ours to tell a server that was away. */
const RELAY_MARK_MS = 30 * 86_400_000

/**
 * Follows the stream of commits and hands each event of ours to the senders of its destinations (DESIGN §3.4). No
 * write is made for a destination that keeps up.
 */
export class FederationSender implements Outbound {
  readonly #dependencies: OutboundDependencies
  readonly #joined: JoinedServers
  readonly #progress: ProgressKeeper
  readonly #shared: TransactionSender
  readonly #destinations: Destinations
  readonly #spreader: Spreader
  readonly #sources: EduSource[] = []
  readonly #incoming: Incoming[] = []
  #spreading: Promise<void> | undefined
  #spreadAtLastSave: StreamPosition = STREAM_START
  #saving: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #unsubscribe: (() => void) | undefined
  #started = false
  #stopped = false

  constructor(dependencies: OutboundDependencies) {
    const { queries, interner, partial } = dependencies
    this.#dependencies = dependencies
    this.#joined = new JoinedServers(queries, interner, partial)
    this.#progress = new ProgressKeeper(queries, interner)
    this.#shared = sharedSender(dependencies, this.#sources)
    this.#destinations = new Destinations(this.#shared)
    this.#spreader = new Spreader(dependencies, this.#joined, this.#destinations)
    dependencies.backoff.onRecovered((serverName) => this.heardFrom(serverName))
  }

  async start(): Promise<void> {
    const { committer, queries, now } = this.#dependencies
    // What commits from here on waits in line until the past has been read.
    let ready: () => void = () => undefined
    this.#spreading = new Promise((resolve) => (ready = resolve))
    this.#unsubscribe = committer.onCommit((writes) => this.#receive(writes))
    const { head } = committer
    await forgetRelayMarks(queries, now() - RELAY_MARK_MS)
    const cursor = (await readOutboundCursor(queries)) ?? head
    this.#spreadAtLastSave = cursor
    await this.#restoreBacklogs(cursor)
    await this.#spreader.spreadPast(cursor, head)
    this.#started = true
    // The first start of all must not be taken for the first one again after a crash.
    await this.#save(cursor)
    ready()
    this.#spreading = undefined
    this.#spreadIncoming()
    this.#destinations.wakeAll()
    this.#timer = setInterval(() => void this.#save(this.#spreadAtLastSave), SAVE_INTERVAL_MS).unref()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#unsubscribe?.()
    clearInterval(this.#timer)
    // Without a start there is no progress, and to note none would be to lose what was noted before.
    if (!this.#started) return
    await this.#spreading
    await this.#destinations.stop()
    await this.#saving
    await this.#save(this.#spreader.position)
  }

  async sendTyping(roomId: string, userId: string, typing: boolean): Promise<void> {
    this.#sendEdu(await this.#othersIn(roomId), ({ edus }) => edus.addTyping(roomId, userId, typing))
  }

  async sendReceipt(receipt: OutgoingReceipt): Promise<void> {
    this.#sendEdu(await this.#othersIn(receipt.roomId), ({ edus }) => edus.addReceipt(receipt))
  }

  async sendPresence(userId: string, content: JsonObject, roomNids: readonly RoomNid[]): Promise<void> {
    const destinations = await Promise.all(roomNids.map((roomNid) => this.#othersJoined(roomNid)))
    const different = [...new Set(destinations.flat())]
    this.#sendEdu(different, ({ edus }) => edus.addPresence(userId, content))
  }

  async serversOfRooms(roomNids: Iterable<RoomNid>): Promise<ReadonlyMap<RoomNid, ReadonlySet<string>>> {
    const nids = [...roomNids]
    const joined = await this.#joined.ofAll(nids, this.#spreader.position)
    for (const servers of joined) servers.delete(this.#dependencies.serverName)
    return new Map(nids.map((roomNid, index) => [roomNid, joined[index]!]))
  }

  async caughtUp(): Promise<void> {
    while (this.#spreading) await this.#spreading
  }

  addEduSource(source: EduSource): void {
    this.#sources.push(source)
  }

  wakeForDurableEdus(serverName: string): void {
    if (serverName !== this.#dependencies.serverName) this.#destinations.to(serverName).wakeForDurableEdus()
  }

  heardFrom(serverName: string): void {
    this.#destinations.known(serverName)?.resume()
  }

  #receive(writes: readonly CommittedWrite[]): void {
    for (const committed of writes) {
      const write = eventWriteOf(committed) ?? itemOf(SETTLED_STATE, committed)
      if (write) this.#incoming.push({ write, position: committed.position })
    }
    this.#spreadIncoming()
  }

  #spreadIncoming(): void {
    if (this.#incoming.length === 0) return
    this.#spreading ??= this.#drain().finally(() => {
      this.#spreading = undefined
      if (!this.#stopped) this.#spreadIncoming()
    })
  }

  /** Nothing is skipped: what fails for want of the database is tried again. */
  async #drain(): Promise<void> {
    while (this.#incoming.length > 0) {
      try {
        const batch = this.#incoming.slice(0, WRITES_PER_TURN)
        await this.#spreader.spread(batch, () => this.#incoming.shift())
      } catch (error) {
        this.#shared.onError('', error)
        if (this.#stopped) return
        await sleep(RETRY_MS)
      }
    }
  }

  async #restoreBacklogs(cursor: StreamPosition): Promise<void> {
    for (const span of await readBacklogs(this.#dependencies.queries)) {
      this.#progress.restored(span.serverName, span)
      const until = span.until ?? (span.stillJoined ? undefined : cursor)
      this.#destinations.to(span.serverName).backlog.restore({ ...span, until }, cursor)
    }
  }

  #sendEdu(destinations: readonly DestinationSender[], add: (destination: DestinationSender) => void): void {
    const patience = eduPatienceMs(destinations.length)
    for (const destination of destinations) {
      add(destination)
      destination.wakeForEdus(patience)
    }
  }

  async #othersIn(roomId: string): Promise<DestinationSender[]> {
    const roomNid = await this.#dependencies.interner.findRoomNid(roomId)
    return roomNid === undefined ? [] : this.#othersJoined(roomNid)
  }

  async #othersJoined(roomNid: RoomNid): Promise<DestinationSender[]> {
    const { serverName } = this.#dependencies
    const servers = await this.#joined.of(roomNid, this.#spreader.position)
    return [...servers]
      .filter((server) => server !== serverName)
      .map((server) => this.#destinations.to(server))
  }

  /** Notes progress. Events newer than the last save are on their way still, and a crash sends them again. */
  #save(cursor: StreamPosition): Promise<void> {
    this.#saving ??= this.#saveNow(cursor).finally(() => (this.#saving = undefined))
    return this.#saving
  }

  async #saveNow(cursor: StreamPosition): Promise<void> {
    const untold = this.#destinations.untold(cursor)
    this.#spreadAtLastSave = this.#spreader.position
    try {
      await this.#progress.save(cursor, untold)
    } catch (error) {
      this.#shared.onError('', error)
    }
  }
}
