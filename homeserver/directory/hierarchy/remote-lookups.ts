import { LRUCache } from 'lru-cache'
import { summaryLength } from '../summaries/summary-length.ts'
import type { RemoteDirectory, RemoteSpace } from '../remote-directory.ts'

/** "Responses to this endpoint should be cached for a period of time" (server-server API, `GET /hierarchy`). */
const CACHE_MS = 5 * 60_000
/** Of all spaces together, in characters of what is told of them. */
const MAX_CACHED = 16 * 1024 * 1024
/** What a space costs besides. */
const OVERHEAD = 2_000
/** So long a request waits for other servers altogether; what they have not told by then is left out. */
const PATIENCE_MS = 10_000
/** Servers that one request asks; the page of a client has fewer rooms. */
const MAX_LOOKUPS = 100

/** What other servers have told of spaces lately, the same for all users of this server. */
export type RemoteSpaceCache = LRUCache<string, RemoteSpace>

export function createRemoteSpaceCache(): RemoteSpaceCache {
  return new LRUCache({
    ttl: CACHE_MS,
    maxSize: MAX_CACHED,
    sizeCalculation: sizeOf,
  })
}

function sizeOf({ summary, children, childSummaries, inaccessible }: RemoteSpace): number {
  const texts = [summary, ...childSummaries.values()].reduce((sum, told) => sum + summaryLength(told), 0)
  const events = JSON.stringify(children.map(({ stripped }) => stripped)).length
  const ids = [...inaccessible].reduce((sum, id) => sum + id.length, 0)
  return OVERHEAD * (1 + childSummaries.size) + texts + events + ids
}

/** A room that may be elsewhere. */
interface Wanted {
  readonly roomId: string
  readonly via: readonly string[]
}

/** The questions to other servers that one request leads to: several at a time, each once, within one time limit. */
export class RemoteLookups {
  readonly #directory: RemoteDirectory
  readonly #cache: RemoteSpaceCache
  readonly #suggestedOnly: boolean
  readonly #signal: AbortSignal
  readonly #asked = new Map<string, Promise<RemoteSpace | undefined>>()

  constructor(
    directory: RemoteDirectory,
    cache: RemoteSpaceCache,
    suggestedOnly: boolean,
    patienceMs = PATIENCE_MS,
  ) {
    this.#signal = AbortSignal.timeout(patienceMs)
    this.#directory = directory
    this.#cache = cache
    this.#suggestedOnly = suggestedOnly
  }

  /** What is told of a room; undefined when nobody tells in time. */
  find({ roomId, via }: Wanted): Promise<RemoteSpace | undefined> {
    const asked = this.#asked.get(roomId)
    if (asked) return asked
    const answer = this.#ask(roomId, via)
    this.#asked.set(roomId, answer)
    return answer
  }

  async #ask(roomId: string, via: readonly string[]): Promise<RemoteSpace | undefined> {
    // Whom to ask is anybody's choice, so what a liar has told is for those who chose the liar.
    const key = [this.#suggestedOnly, roomId, ...via].join(' ')
    const cached = this.#cache.get(key)
    if (cached) return cached
    if (via.length === 0 || this.#asked.size >= MAX_LOOKUPS || this.#signal.aborted) return undefined
    const space = await this.#directory.space(roomId, via, this.#suggestedOnly, this.#signal)
    if (space) this.#cache.set(key, space)
    return space
  }
}
