import type { BacklogSpan } from '../../storage/federation/outbound-progress.ts'
import type { RoomNid } from '../../storage/numeric-ids.ts'
import type { StreamPosition } from '../../storage/position/position.ts'
import { DestinationSender } from './destination-sender.ts'
import type { TransactionSender } from './transaction-sender.ts'

/** The senders of all destinations that something waits for. */
export class Destinations {
  readonly #shared: TransactionSender
  readonly #senders = new Map<string, DestinationSender>()

  constructor(shared: TransactionSender) {
    this.#shared = shared
  }

  /** Finds or makes. */
  to(serverName: string): DestinationSender {
    const known = this.#senders.get(serverName)
    if (known) return known
    const created = new DestinationSender(serverName, this.#shared)
    this.#senders.set(serverName, created)
    return created
  }

  known(serverName: string): DestinationSender | undefined {
    return this.#senders.get(serverName)
  }

  /** Whether any destination has to be told of events in the room from the database. */
  isAnyBehind(roomNid: RoomNid): boolean {
    return [...this.#senders.values()].some(({ backlog }) => backlog.has(roomNid))
  }

  /** What has not been told of all up to `position`, by server. Senders that have nothing to do are let go. */
  untold(position: StreamPosition): Map<string, readonly BacklogSpan[]> {
    const untold = new Map<string, readonly BacklogSpan[]>()
    for (const [serverName, sender] of this.#senders) {
      if (sender.isIdle) this.#senders.delete(serverName)
      const spans = sender.untold(position)
      if (spans.length > 0) untold.set(serverName, spans)
    }
    return untold
  }

  wakeAll(): void {
    for (const sender of this.#senders.values()) sender.wake()
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#senders.values()].map((sender) => sender.stop()))
  }
}
