import type { OpenRoom } from '../../../homeserver/rooms/open-room.ts'
import { noteProgress, placedEvents } from '../../../storage/partial-joins/partial-joins.ts'
import { readCheckedPdu, type CheckedPdu } from '../../keys/verification/verification-threads.ts'
import type { CompletionContext } from './completion-context.ts'
import { WaitingEvents } from './waiting-events.ts'

/** Judged and stored in one turn of the room, some 30 ms; sends to it come between. */
const EVENTS_PER_TURN = 250
/** While one turn is committed the next is prepared. */
const TURNS_UNDER_WAY = 2
/** Each note is a commit of its own. */
const EVENTS_PER_NOTE = 2_500
const IDS_PER_QUERY = 5_000

/** What a server named of a state, as far as it is here. */
export interface NamedEvents {
  readonly here: ReadonlySet<string>
  readonly missing: ReadonlySet<string>
}

/**
 * Stores the events of a state as they arrive, causes first and by turns of the room. What is stored stays when the
 * server stops telling, so that the next attempt has less to fetch.
 */
export class StateLearner {
  readonly #context: CompletionContext
  readonly #room: OpenRoom
  readonly #signal: AbortSignal
  readonly #wanted: Set<string>
  readonly #waiting: WaitingEvents
  readonly #expected: number
  readonly #underWay = new Set<Promise<void>>()
  #learnt: number
  #noted = 0
  #failure: unknown

  constructor(context: CompletionContext, room: OpenRoom, named: NamedEvents, signal: AbortSignal) {
    this.#context = context
    this.#room = room
    this.#signal = signal
    this.#wanted = new Set(named.missing)
    this.#waiting = new WaitingEvents(named.here)
    this.#learnt = named.here.size
    this.#expected = named.here.size + named.missing.size
  }

  /** Takes in events in any order; resolves when enough of them are stored for more to come. */
  async take(events: readonly CheckedPdu[]): Promise<void> {
    for (const event of events) if (this.#wanted.delete(event.eventId)) this.#waiting.add(event)
    while (this.#waiting.ready >= EVENTS_PER_TURN) await this.#learnSome()
  }

  /** Stores the rest. What leans on events that nobody told is left out. */
  async end(): Promise<void> {
    const missing = this.#waiting.missing
    for (let from = 0; from < missing.length; from += IDS_PER_QUERY) {
      const page = missing.slice(from, from + IDS_PER_QUERY)
      const { queries } = this.#context.services
      for (const { eventId } of await placedEvents(queries, this.#room.head.roomNid, page))
        this.#waiting.found(eventId)
    }
    while (this.#waiting.ready > 0) await this.#learnSome()
    await Promise.all(this.#underWay)
    this.#throwFailure()
    await this.#note(this.#expected)
  }

  async #learnSome(): Promise<void> {
    this.#throwFailure()
    this.#signal.throwIfAborted()
    const { roomId, version } = this.#room.head
    const authChain = this.#waiting.leave(EVENTS_PER_TURN).map((event) => readCheckedPdu(event, version))
    const turn: Promise<void> = this.#context.writer
      .submit(roomId, { kind: 'learn-state', state: [], authChain })
      .then(async () => {
        this.#learnt += authChain.length
        if (this.#learnt - this.#noted >= EVENTS_PER_NOTE) await this.#note(this.#learnt)
      })
      .catch((error: unknown) => void (this.#failure ??= error))
      .finally(() => this.#underWay.delete(turn))
    this.#underWay.add(turn)
    if (this.#underWay.size >= TURNS_UNDER_WAY) await Promise.race(this.#underWay)
  }

  async #note(learnt: number): Promise<void> {
    this.#noted = learnt
    await noteProgress(this.#context.services.queries, this.#room.head.roomNid, learnt, this.#expected)
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure
  }
}
