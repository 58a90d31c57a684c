import { setTimeout as delay } from 'node:timers/promises'
import type { Json, TestAnswer, TestClient } from '../../support/test-client.ts'

const PATH = '/_matrix/client/unstable/org.matrix.simplified_msc3575/sync'
const POLL_MS = 3_000
const BACK_OFF_MS = 100

/** An event as the client looks at it. */
interface ClientEvent {
  readonly event_id: string
  readonly type: string
  readonly content: Json
}

/** A room of an answer. */
export type RoomNews = Json & {
  readonly timeline?: readonly ClientEvent[]
  readonly required_state?: readonly ClientEvent[]
  readonly initial?: boolean
}

/** An answer of sliding sync. */
export interface SlidingAnswer {
  readonly pos: string
  readonly lists: Readonly<Record<string, { readonly count: number }>>
  readonly rooms: Readonly<Record<string, RoomNews>>
  readonly extensions: Readonly<Record<string, Json>>
}

/** One of the connections that Element X keeps at once: it asks again as soon as it is answered. */
export class Connection {
  readonly answers: SlidingAnswer[] = []
  /** How often the server no longer knew the position. */
  expiries = 0
  /** The position that the next request names; undefined begins anew. */
  pos: string | undefined
  readonly #client: TestClient
  readonly #body: (latest: SlidingAnswer | undefined) => Json
  readonly #stopped = new AbortController()
  #running: Promise<void> | undefined

  /** @param body makes the next request of the newest answer. */
  constructor(client: TestClient, body: (latest: SlidingAnswer | undefined) => Json) {
    this.#client = client
    this.#body = body
  }

  start(): void {
    this.#running = this.#run()
  }

  /** Ends it after the request that waits. @throws Error that ended it before. */
  async stop(): Promise<void> {
    this.#stopped.abort()
    await this.#running
  }

  /** All that came of a room, in order. */
  of(roomId: string): readonly RoomNews[] {
    return this.answers.map(({ rooms }) => rooms[roomId]).filter((room) => room !== undefined)
  }

  /** The texts of the messages that came of a room, in order, repetitions included. */
  texts(roomId: string): readonly unknown[] {
    const events = this.of(roomId).flatMap(({ timeline }) => timeline ?? [])
    return events.filter(({ type }) => type === 'm.room.message').map(({ content }) => content['body'])
  }

  async #run(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      const answer = await this.#ask().catch(() => undefined)
      if (answer === undefined) await delay(BACK_OFF_MS)
      else this.#take(answer)
    }
  }

  #ask(): Promise<TestAnswer> {
    const query = new URLSearchParams({
      timeout: this.pos === undefined ? '0' : String(POLL_MS),
      ...(this.pos !== undefined && { pos: this.pos }),
    })
    return this.#client.request('POST', `${PATH}?${query}`, this.#body(this.answers.at(-1)))
  }

  #take({ status, body }: TestAnswer): void {
    if (status === 400 && body['errcode'] === 'M_UNKNOWN_POS') {
      this.expiries++
      this.pos = undefined
      return
    }
    if (status !== 200) throw new Error(`sliding sync: ${status} ${JSON.stringify(body)}`)
    const answer = body as Json & SlidingAnswer
    this.answers.push(answer)
    this.pos = answer.pos
  }
}
