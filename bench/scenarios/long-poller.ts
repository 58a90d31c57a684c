import type { JoinedRoom } from '../client/answers.ts'
import type { MatrixUser } from '../client/matrix-user.ts'

/** The wait that common clients ask for. */
const POLL_TIMEOUT_MS = 30_000

/** Follows rooms by long-polling /sync, as a client does, and notes when each event arrives. */
export class LongPoller {
  /** Event id to its time of arrival, by `performance.now()`. */
  readonly arrivals = new Map<string, number>()
  /** Times that the server cut a timeline short, which leaves events to be fetched from history. */
  gaps = 0
  readonly repeated: string[] = []
  readonly #user: MatrixUser
  readonly #roomIds: readonly string[]
  readonly #stop = new AbortController()
  #since: string | undefined
  #loop: Promise<void> | undefined

  constructor(user: MatrixUser, roomIds: readonly string[]) {
    this.#user = user
    this.#roomIds = roomIds
  }

  /** Syncs once, so that only what is sent from now on arrives, and starts to poll. */
  async start(): Promise<void> {
    this.#since = (await this.#user.sync(undefined, 0)).next_batch
    this.#loop = this.#poll()
    this.#loop.catch(() => undefined)
  }

  /** Ends the poll under way; throws what ended polling before. */
  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#loop
  }

  async #poll(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        const answer = await this.#user.sync(this.#since, POLL_TIMEOUT_MS, this.#stop.signal)
        const now = performance.now()
        this.#since = answer.next_batch
        for (const roomId of this.#roomIds) this.#note(answer.rooms?.join?.[roomId], now)
      } catch (error) {
        if (!this.#stop.signal.aborted) throw error
      }
    }
  }

  #note(room: JoinedRoom | undefined, now: number): void {
    if (room?.timeline?.limited) this.gaps++
    for (const { event_id: eventId } of room?.timeline?.events ?? []) {
      if (this.arrivals.has(eventId)) this.repeated.push(eventId)
      else this.arrivals.set(eventId, now)
    }
  }
}
