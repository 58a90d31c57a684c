import type { ObservedAnswer } from './observed-answer.ts'
import type { ResponseSchemas } from './response-schemas.ts'

/** The answers of one test file: their faults, and how often each declared endpoint succeeded. */
export class AnswerLedger {
  readonly #schemas: () => Promise<ResponseSchemas | undefined>
  #pending: Promise<void>[] = []
  #faults = new Set<string>()
  /** By `GET /_matrix/…/:roomId`. */
  readonly successes = new Map<string, number>()

  /** @param schemas is asked once there is an answer; without schemas none is checked. */
  constructor(schemas: () => Promise<ResponseSchemas | undefined>) {
    this.#schemas = schemas
  }

  /** Notes that an endpoint answered. */
  count(endpoint: string, status: number): void {
    this.successes.set(endpoint, (this.successes.get(endpoint) ?? 0) + (status < 400 ? 1 : 0))
  }

  /** Has an answer checked; its text may be still on its way. */
  check(answer: ObservedAnswer | Promise<ObservedAnswer | undefined>): void {
    this.#pending.push(this.#examine(answer))
  }

  /** Waits for the answers that are on their way, and returns the faults since the last time. */
  async takeFaults(): Promise<string[]> {
    const pending = this.#pending
    this.#pending = []
    await Promise.all(pending)
    const faults = [...this.#faults]
    this.#faults = new Set()
    return faults
  }

  async #examine(answer: ObservedAnswer | Promise<ObservedAnswer | undefined>): Promise<void> {
    const [observed, schemas] = [await answer, await this.#schemas()]
    if (!observed || !schemas) return
    for (const fault of schemas.faultsOf(observed)) this.#faults.add(fault)
  }
}
