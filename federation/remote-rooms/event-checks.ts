import { setImmediate as nextTurn } from 'node:timers/promises'
import type { TakeItems } from '../client/stream/take-items.ts'
import type { FederationLog } from '../client/transport/federation-log.ts'
import type { CheckedPdu, VerificationThreads } from '../keys/verification/verification-threads.ts'
import type { RoomOfVersion } from './verified-events.ts'

/** Some 300 kB: a thread is busy with it for 50 ms, the thread that serves everybody for 5. */
const EVENTS_PER_BATCH = 500
/** Where events are large: what a thread has to hold is bounded by their bytes. */
const BYTES_PER_BATCH = 1_000_000

export interface EventCheckDependencies {
  readonly threads: VerificationThreads
  readonly log: FederationLog
}

/** Takes events of a list that are right. While it is not done with them, the answer is not read on. */
export type TakeChecked = (list: string, events: readonly CheckedPdu[]) => Promise<void> | void

/**
 * Checks the events of an answer that is read as it comes, and hands on those that belong to the room and whose format,
 * signatures and hashes are right; a wrong hash leaves the redacted form. What fails is left out.
 */
export class EventChecks {
  readonly #dependencies: EventCheckDependencies
  readonly #room: RoomOfVersion
  readonly #handOn: TakeChecked
  readonly #waiting = new Map<string, { texts: Buffer[]; bytes: number }>()
  readonly #underWay = new Set<Promise<void>>()
  #failure: unknown
  #refused = 0

  constructor(dependencies: EventCheckDependencies, room: RoomOfVersion, handOn: TakeChecked) {
    this.#dependencies = dependencies
    this.#room = room
    this.#handOn = handOn
  }

  readonly take: TakeItems = async (list, items) => {
    const waiting = this.#waiting.get(list) ?? { texts: [], bytes: 0 }
    this.#waiting.set(list, waiting)
    for (const item of items) {
      waiting.texts.push(item)
      waiting.bytes += item.length
      if (waiting.texts.length < EVENTS_PER_BATCH && waiting.bytes < BYTES_PER_BATCH) continue
      waiting.bytes = 0
      await this.#check(list, waiting.texts.splice(0))
    }
  }

  /** Hands on the rest, when all have come. */
  async end(): Promise<void> {
    for (const [list, { texts }] of this.#waiting) await this.#check(list, texts.splice(0))
    await Promise.all(this.#underWay)
    this.#throwFailure()
    if (this.#refused > 0) {
      this.#dependencies.log.info(
        { roomId: this.#room.roomId, count: this.#refused },
        'left out events of another server that are malformed or not signed as they must be',
      )
      this.#refused = 0
    }
  }

  /** Begins to check a batch; waits while enough of them are under way. */
  async #check(list: string, texts: readonly Buffer[]): Promise<void> {
    this.#throwFailure()
    if (texts.length === 0) return
    const { threads } = this.#dependencies
    const done: Promise<void> = this.#checkAndHandOn(list, texts)
      .catch((error: unknown) => void (this.#failure ??= error))
      .finally(() => this.#underWay.delete(done))
    this.#underWay.add(done)
    if (this.#underWay.size >= threads.parallel) await Promise.race(this.#underWay)
    await nextTurn()
  }

  async #checkAndHandOn(list: string, texts: readonly Buffer[]): Promise<void> {
    const results = await this.#dependencies.threads.check(texts, this.#room.version)
    const right: CheckedPdu[] = []
    for (const result of results) {
      if (result.ok && result.roomId === this.#room.roomId) right.push(result)
      else this.#refused++
    }
    await this.#handOn(list, right)
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure
  }
}
