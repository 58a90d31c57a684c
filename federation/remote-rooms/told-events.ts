import { setImmediate as nextTurn } from 'node:timers/promises'
import type { SignedPdu } from '../../protocol/events/room-event.ts'
import type { TakeItems } from '../client/stream/take-items.ts'
import type { FederationLog } from '../client/transport/federation-log.ts'
import type { PduVerification } from '../keys/verification/check-pdu.ts'
import type { VerificationThreads } from '../keys/verification/verification-threads.ts'
import type { RoomOfVersion } from './verified-events.ts'

/** Some 300 kB: a thread is busy with it for 50 ms, the thread that serves everybody for 5. */
const EVENTS_PER_BATCH = 500

interface Dependencies {
  readonly threads: VerificationThreads
  readonly log: FederationLog
}

/**
 * Gathers the events of an answer that is read as it comes: those that belong to the room and whose format,
 * signatures and hashes are right; a wrong hash leaves the redacted form. What fails is left out.
 */
export class ToldEvents {
  readonly #dependencies: Dependencies
  readonly #room: RoomOfVersion
  readonly #waiting = new Map<string, Buffer[]>()
  readonly #told = new Map<string, SignedPdu[]>()
  readonly #underWay = new Set<Promise<void>>()
  #failure: unknown
  #refused = 0

  constructor(dependencies: Dependencies, room: RoomOfVersion) {
    this.#dependencies = dependencies
    this.#room = room
  }

  /** How many have come and were right so far. */
  get count(): number {
    return [...this.#told.values()].reduce((sum, { length }) => sum + length, 0)
  }

  readonly take: TakeItems = async (list, items) => {
    const waiting = this.#waiting.get(list) ?? []
    this.#waiting.set(list, waiting)
    for (const item of items) {
      waiting.push(item)
      if (waiting.length >= EVENTS_PER_BATCH) await this.#check(list, waiting.splice(0))
    }
  }

  /** The events of a list, in their order of arrival by batches. To be called when all have come. */
  async of(list: string): Promise<SignedPdu[]> {
    for (const [name, waiting] of this.#waiting) await this.#check(name, waiting.splice(0))
    await Promise.all(this.#underWay)
    this.#throwFailure()
    if (this.#refused > 0) {
      this.#dependencies.log.info(
        { roomId: this.#room.roomId, count: this.#refused },
        'left out events of another server that are malformed or not signed as they must be',
      )
      this.#refused = 0
    }
    return this.#told.get(list) ?? []
  }

  /** Begins to check a batch; waits while enough of them are under way. */
  async #check(list: string, texts: readonly Buffer[]): Promise<void> {
    this.#throwFailure()
    if (texts.length === 0) return
    const { threads } = this.#dependencies
    const done: Promise<void> = threads
      .verify(texts, this.#room.version)
      .then((results) => this.#add(list, results))
      .catch((error: unknown) => void (this.#failure ??= error))
      .finally(() => this.#underWay.delete(done))
    this.#underWay.add(done)
    if (this.#underWay.size >= threads.parallel) await Promise.race(this.#underWay)
    await nextTurn()
  }

  #add(list: string, results: readonly PduVerification[]): void {
    const told = this.#told.get(list) ?? []
    this.#told.set(list, told)
    for (const result of results) {
      if (result.ok && result.event.roomId === this.#room.roomId) told.push(result.event)
      else this.#refused++
    }
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure
  }
}
