import type { Sync } from '../sync/sync.ts'
import type { SyncRequest } from '../sync/sync-request.ts'
import { formatToken, type StreamToken } from '../sync/tokens.ts'
import type { LiveSettings } from './live-settings.ts'
import type { LiveSocket } from './live-socket.ts'

/** As long as sync waits at all; nothing is sent when it passes. */
const WAIT_MS = 5 * 60_000

interface SentFrame {
  readonly nextBatch: string
  readonly next: StreamToken
  readonly sentAt: number
}

/** What a stream works with. */
export interface LiveStreamParts {
  readonly sync: Pick<Sync, 'next'>
  readonly socket: LiveSocket
  readonly settings: LiveSettings
  readonly request: Omit<SyncRequest, 'signal' | 'timeoutMs'>
}

/**
 * Sends one device what is new, as `/sync` would answer, and waits for acknowledgements. It holds a position and no
 * queue: whoever reads slowly gets fewer and larger frames (DESIGN §5).
 */
export class LiveStream {
  readonly #parts: LiveStreamParts
  readonly #unacknowledged: SentFrame[] = []
  #position: StreamToken | undefined
  #received: StreamToken | 'nothing'
  #ended = false
  #waiting: { readonly abort: AbortController; readonly durableOnly: boolean } | undefined
  #goOn: (() => void) | undefined

  constructor(parts: LiveStreamParts) {
    this.#parts = parts
    this.#position = parts.request.since
    this.#received = parts.request.since ?? 'nothing'
  }

  /** Sends until the stream ends: first where the client stands, even if nothing is new, then what happens. */
  async run(): Promise<void> {
    for (let first = true; !this.#ended;) {
      if (this.#isFull()) {
        await new Promise<void>((resolve) => (this.#goOn = resolve))
        continue
      }
      const answer = await this.#next(first)
      if (this.#ended) return
      this.#position = answer.next
      if (answer.hasNews || first) {
        const nextBatch = formatToken(answer.next)
        this.#unacknowledged.push({ nextBatch, next: answer.next, sentAt: performance.now() })
        this.#parts.socket.send(answer.text)
      }
      first = false
    }
  }

  /** The client has got this frame and all before it. @returns false for one that does not wait to be acknowledged. */
  acknowledge(nextBatch: string): boolean {
    const index = this.#unacknowledged.findIndex((frame) => frame.nextBatch === nextBatch)
    const frame = this.#unacknowledged[index]
    if (!frame) return false
    this.#received = frame.next
    this.#unacknowledged.splice(0, index + 1)
    this.look()
    return true
  }

  /** Goes on if there is room again. @returns whether the client has left a frame unacknowledged for too long. */
  look(): boolean {
    if (!this.#isFull()) this.#resume()
    if (this.#waiting?.durableOnly && !this.#isSlow()) this.#waiting.abort.abort()
    const [oldest] = this.#unacknowledged
    return oldest !== undefined && performance.now() - oldest.sentAt > this.#parts.settings.maxDelayMs
  }

  end(): void {
    this.#ended = true
    this.#waiting?.abort.abort()
    this.#resume()
  }

  async #next(first: boolean) {
    const { sync, request } = this.#parts
    const abort = new AbortController()
    const durableOnly = this.#isSlow()
    this.#waiting = { abort, durableOnly }
    try {
      return await sync.next({
        ...request,
        since: this.#position,
        received: this.#received,
        fullState: first && request.fullState,
        timeoutMs: first ? 0 : WAIT_MS,
        signal: abort.signal,
        durableOnly,
      })
    } finally {
      this.#waiting = undefined
    }
  }

  #resume(): void {
    this.#goOn?.()
    this.#goOn = undefined
  }

  #isSlow(): boolean {
    return this.#unacknowledged.length >= this.#parts.settings.sheddingAt
  }

  #isFull(): boolean {
    const { settings, socket } = this.#parts
    if (this.#ended) return false
    return (
      this.#unacknowledged.length >= settings.maxUnacknowledged ||
      socket.bufferedAmount > settings.maxBufferedBytes
    )
  }
}
