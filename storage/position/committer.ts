import { setTimeout as sleep } from 'node:timers/promises'
import type { DatabaseAddress } from '../database.ts'
import { positionInBatch, type PendingWrite } from './batch.ts'
import type { CommittedWrite } from './committed-write.ts'
import { CommitConnection, InDoubtError } from './commit-connection.ts'
import { streamPosition, STREAM_START, type StreamPosition } from './position.ts'
import type { StreamWriteKind } from './stream-write.ts'

/** Large enough to amortise an fsync, small enough that a halved batch finds a poison item quickly. */
const MAX_BATCH = 256
/** What may wait while the database is away; beyond it, callers are refused instead of kept in memory. */
const MAX_WAITING = 20_000
const FIRST_RECONNECT_MS = 50
const MAX_RECONNECT_MS = 2_000

/** A write that was built on one that failed; it may be built anew and submitted again. */
export class BrokenChainError extends Error {
  constructor() {
    super('the room head that this write was built on has been discarded')
  }
}

/** Nothing of the write was stored: the server is stopping or too much waits for the database. */
export class CommitRefusedError extends Error {}

export type CommitListener = (writes: readonly CommittedWrite[], head: StreamPosition) => void

/**
 * The one committer of this process (DESIGN §3.1, §3.2): it drains all that is waiting, writes it in one
 * transaction, then publishes the new head, tells the listeners and answers the callers, in this order.
 */
export class Committer {
  readonly #address: DatabaseAddress
  readonly #writer: string
  readonly #onError: (error: Error) => void
  readonly #listeners = new Set<CommitListener>()
  readonly #waiting: PendingWrite[] = []
  #connection: CommitConnection | undefined
  #head: StreamPosition = STREAM_START
  #draining: Promise<void> | undefined
  #stopped = false

  /**
   * @param writer the name whose epoch fences this committer's lost connections; one per live process.
   * @param onError told of connection errors and of items that the database refuses.
   */
  constructor(address: DatabaseAddress, writer: string, onError: (error: Error) => void) {
    this.#address = address
    this.#writer = writer
    this.#onError = onError
  }

  /** Connects and reads the head of the stream. */
  async start(): Promise<void> {
    this.#head = streamPosition(await (await this.#connected()).head())
  }

  /** Commits what is waiting, then closes. Later submissions are refused. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#draining
    await this.#connection?.close()
  }

  /** The highest committed position. Everything at or below it can be read from the database. */
  get head(): StreamPosition {
    return this.#head
  }

  /** Calls `listener` after every commit, before the callers are answered. Returns the function that ends it. */
  onCommit(listener: CommitListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /**
   * Makes `item` durable. Resolves with its position after the commit.
   *
   * @throws BrokenChainError when an item it was built on failed; CommitRefusedError; the database's error.
   */
  submit<Item>(kind: StreamWriteKind<Item>, item: Item): Promise<StreamPosition> {
    const lease = kind.lease?.(item)
    if (this.#stopped) return Promise.reject(new CommitRefusedError('the server is stopping'))
    if (lease?.broken) return Promise.reject(new BrokenChainError())
    if (this.#waiting.length >= MAX_WAITING) {
      return Promise.reject(new CommitRefusedError('too many writes wait for the database'))
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ lease, kind: kind as StreamWriteKind<never>, item, resolve, reject })
      this.#draining ??= this.#drain()
    })
  }

  async #drain(): Promise<void> {
    // The microtask turn lets everything that one event-loop tick submits share the first batch.
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      const writes = this.#waiting.splice(0, MAX_BATCH)
      try {
        await this.#commit(writes)
      } catch (error) {
        for (const write of writes) this.#fail(write, toError(error))
      }
    }
    // In the same turn as the check above: whatever is submitted later starts a new drain.
    this.#draining = undefined
  }

  async #commit(writes: readonly PendingWrite[]): Promise<void> {
    const alive = writes.filter((write) => !this.#rejectIfBroken(write))
    if (alive.length === 0) return
    const outcome = await this.#write(alive)
    if ('last' in outcome) return this.#publish(alive, outcome.last)
    if (alive.length === 1) return this.#fail(alive[0]!, outcome.failed)
    const middle = Math.ceil(alive.length / 2)
    await this.#commit(alive.slice(0, middle))
    await this.#commit(alive.slice(middle))
  }

  /** Writes until the database has answered for certain, over as many connections as that takes. */
  async #write(writes: readonly PendingWrite[]): Promise<{ last: number } | { failed: Error }> {
    for (;;) {
      const connection = await this.#connected()
      try {
        return await connection.write(writes)
      } catch (error) {
        if (!(error instanceof InDoubtError)) throw error
        this.#onError(error)
        this.#connection = undefined
        // It may be alive and merely have failed to commit; nobody will speak to it again.
        void connection.close().catch(() => undefined)
        const last = await this.#findBatch(error.batchId)
        if (last !== undefined) return { last }
      }
    }
  }

  /** Asks until the database has answered: a batch in doubt must be neither repeated nor dropped. */
  async #findBatch(batchId: string): Promise<number | undefined> {
    for (;;) {
      try {
        return await (await this.#connected()).findBatch(batchId)
      } catch (error) {
        if (error instanceof CommitRefusedError) throw error
        this.#onError(toError(error))
        this.#connection = undefined
      }
    }
  }

  async #connected(): Promise<CommitConnection> {
    let delay = FIRST_RECONNECT_MS
    while (!this.#connection) {
      if (this.#stopped && delay > MAX_RECONNECT_MS / 2) {
        throw new CommitRefusedError('the server is stopping and the database cannot be reached')
      }
      try {
        this.#connection = await CommitConnection.open(this.#address, this.#writer, (lost) => {
          if (this.#connection === lost) this.#connection = undefined
        })
      } catch (error) {
        this.#onError(toError(error))
        await sleep(delay)
        delay = Math.min(delay * 2, MAX_RECONNECT_MS)
      }
    }
    return this.#connection
  }

  #publish(writes: readonly PendingWrite[], last: number): void {
    const committed = writes.map((write, index) => ({
      kind: write.kind,
      item: write.item,
      position: positionInBatch(last, writes.length, index),
    }))
    this.#head = streamPosition(last)
    for (const listener of this.#listeners) {
      try {
        listener(committed, this.#head)
      } catch (error) {
        this.#onError(toError(error))
      }
    }
    writes.forEach((write, index) => write.resolve(committed[index]!.position))
  }

  #fail(write: PendingWrite, error: Error): void {
    this.#onError(error)
    if (write.lease) write.lease.broken = true
    write.reject(error)
  }

  #rejectIfBroken(write: PendingWrite): boolean {
    if (!write.lease?.broken) return false
    write.reject(new BrokenChainError())
    return true
  }
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason))
}
