import { LRUCache } from 'lru-cache'
import { sha256 } from '../../../protocol/crypto/sha256.ts'
import type { RoomNid } from '../../../storage/numeric-ids.ts'

/** Some dozen chains of rooms with 50,000 members. */
const MAX_BYTES = 32 * 1024 * 1024
/** An event id as V8 holds it. */
const ID_BYTES = 64
/** Chains do not change, but what was missing in one may come. */
const KEPT_MS = 60_000

/** Reads the auth chain of events, themselves included. */
export type ReadAuthChain = (roomNid: RoomNid, eventIds: readonly string[]) => Promise<readonly string[]>

/**
 * Auth chains as other servers are told them. Whoever joins a large room or comes back to it asks for the same ones as
 * others do at that time: they are read once, kept for a minute, and bounded by bytes.
 */
export class AuthChains {
  readonly #read: ReadAuthChain
  readonly #known = new LRUCache<string, readonly string[]>({
    maxSize: MAX_BYTES,
    sizeCalculation: ({ length }) => 1 + length * ID_BYTES,
    ttl: KEPT_MS,
  })
  readonly #reading = new Map<string, Promise<readonly string[]>>()

  constructor(read: ReadAuthChain) {
    this.#read = read
  }

  /** The ids of everything that `eventIds` lean on inside the room, themselves included, as far as it is here. */
  async of(roomNid: RoomNid, eventIds: Iterable<string>): Promise<readonly string[]> {
    const starts = [...new Set(eventIds)].sort()
    const key = `${roomNid} ${Buffer.from(sha256(starts.join('\n'))).toString('base64')}`
    const known = this.#known.get(key) ?? this.#reading.get(key)
    if (known) return known
    const reading = this.#read(roomNid, starts).finally(() => this.#reading.delete(key))
    this.#reading.set(key, reading)
    const chain = await reading
    this.#known.set(key, chain)
    return chain
  }
}
