import { availableParallelism } from 'node:os'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { readEvent } from '../../../protocol/events/read-event.ts'
import type { RoomEvent, SignedPdu } from '../../../protocol/events/room-event.ts'
import { parseJson } from '../../../protocol/json/parse.ts'
import { isJsonObject } from '../../../protocol/json/value.ts'
import type { RoomVersionRules } from '../../../protocol/room-versions/rules.ts'
import type { KeyRing } from '../key-ring.ts'
import type { FailedPdu, PduVerification } from './check-pdu.ts'
import {
  pack,
  transferOf,
  unpack,
  type CheckedBatch,
  type FromThread,
  type NeededKeys,
  type PassedPdu,
  type ToThread,
} from './thread-messages.ts'

/** One core is left to everybody else; a join that is checked by four is held up by the sender's network. */
const MAX_THREADS = 4
/**
 * What is checked is garbage at once, and V8 lets garbage grow by what it may use. Three batches of events, of the kind
 * that takes the most beside its text, fit five times.
 */
const THREAD_MEMORY = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 64 } as const
/** A thread takes some 60 MB, and what follows the check of a large room needs memory too; a start takes 100 ms. */
const IDLE_MS = 1_000

/** A PDU that passed, as its canonical text: a tenth of what the event takes that is read from it. */
export interface CheckedPdu extends PassedPdu {
  readonly text: Buffer
}

interface Awaited {
  readonly resolve: (message: FromThread) => void
  readonly reject: (error: Error) => void
}

interface Thread {
  readonly worker: Worker
  /** By batch: whoever waits for its next message. */
  readonly waiting: Map<number, Awaited>
  batches: number
}

/**
 * Checks the PDUs of whole states (format, signatures, content hash) away from the thread that serves everybody.
 * Threads start when they are needed and end when they are not.
 */
export class VerificationThreads {
  readonly #keyRing: KeyRing
  readonly #maxThreads: number
  readonly #threads = new Set<Thread>()
  #nextBatch = 1
  #idle: NodeJS.Timeout | undefined

  constructor(keyRing: KeyRing) {
    this.#keyRing = keyRing
    this.#maxThreads = Math.max(1, Math.min(MAX_THREADS, availableParallelism() - 1))
  }

  /** How many batches are worth having under way at the same time. */
  get parallel(): number {
    return this.#maxThreads + 1
  }

  /** As `check`, with the events read. */
  async verify(texts: readonly Buffer[], version: RoomVersionRules): Promise<PduVerification[]> {
    const results = await this.check(texts, version)
    return results.map((result) =>
      result.ok ? { ok: true, event: readCheckedPdu(result, version) } : result,
    )
  }

  /**
   * Checks PDUs of one room version, given as JSON texts. The keys of all of them are gathered in one go.
   *
   * @returns one result for each, in their order.
   */
  async check(texts: readonly Buffer[], version: RoomVersionRules): Promise<(CheckedPdu | FailedPdu)[]> {
    if (texts.length === 0) return []
    const thread = this.#take()
    const batch = this.#nextBatch++
    try {
      const packed = pack(texts)
      const read = { kind: 'read', batch, version: version.id, texts: packed } as const
      const { requests } = await this.#ask<NeededKeys>(thread, read, transferOf(packed))
      const keys = await this.#keyRing.keysFor(requests).catch((error: unknown) => {
        thread.worker.postMessage({ kind: 'drop', batch } satisfies ToThread)
        throw error
      })
      return withTexts(await this.#ask<CheckedBatch>(thread, { kind: 'check', batch, keys }))
    } finally {
      this.#giveBack(thread)
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle)
    const threads = [...this.#threads]
    this.#threads.clear()
    await Promise.all(threads.map(({ worker }) => worker.terminate()))
  }

  #ask<Answer extends FromThread>(
    { worker, waiting }: Thread,
    message: ToThread,
    transfer: ArrayBuffer[] = [],
  ): Promise<Answer> {
    return new Promise<Answer>((resolve, reject) => {
      // A thread answers each question with one message, of the kind that belongs to it.
      waiting.set(message.batch, { resolve: (answer) => resolve(answer as Answer), reject })
      worker.postMessage(message, transfer)
    })
  }

  #take(): Thread {
    clearTimeout(this.#idle)
    const [least] = [...this.#threads].toSorted((a, b) => a.batches - b.batches)
    const thread =
      least && (least.batches === 0 || this.#threads.size >= this.#maxThreads) ? least : this.#start()
    thread.batches++
    return thread
  }

  #giveBack(thread: Thread): void {
    thread.batches--
    if ([...this.#threads].some(({ batches }) => batches > 0)) return
    clearTimeout(this.#idle)
    this.#idle = setTimeout(() => void this.close(), IDLE_MS)
    this.#idle.unref()
  }

  #start(): Thread {
    const entry = new URL(`./verification-thread${extname(import.meta.filename)}`, import.meta.url)
    const worker = new Worker(entry, { resourceLimits: THREAD_MEMORY })
    const thread: Thread = { worker, waiting: new Map(), batches: 0 }
    const end = (error: Error): void => {
      this.#threads.delete(thread)
      for (const { reject } of thread.waiting.values()) reject(error)
      thread.waiting.clear()
    }
    worker.on('message', (message: FromThread) => {
      const awaited = thread.waiting.get(message.batch)
      thread.waiting.delete(message.batch)
      awaited?.resolve(message)
    })
    worker.on('error', (error) => end(error instanceof Error ? error : new Error(String(error))))
    worker.on('exit', () => end(new Error('the verification thread ended')))
    worker.unref()
    this.#threads.add(thread)
    return thread
  }
}

function withTexts({ results, texts }: CheckedBatch): (CheckedPdu | FailedPdu)[] {
  const passed = unpack(texts)[Symbol.iterator]()
  return results.map((result) =>
    result.ok ? { ...result, text: passed.next().value ?? Buffer.alloc(0) } : result,
  )
}

/** The event of a PDU that a thread has checked. */
export function readCheckedPdu(checked: CheckedPdu, version: RoomVersionRules): SignedPdu {
  const pdu = parseJson(checked.text)
  if (!isJsonObject(pdu)) throw new Error('the verification thread returned no event')
  return asSigned(readEvent(pdu, version, checked))
}

/** The thread has verified it. */
function asSigned(event: RoomEvent): SignedPdu {
  return event as SignedPdu
}
