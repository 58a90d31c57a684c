import type { StateTuple } from '../state/state-map.ts'

/** What a resolution needs before it goes on. One that asks for nothing can be paused there, and that is all. */
export interface Ask {
  /** Events to be at hand, as far as there are such. */
  readonly events?: Iterable<string>
  /** Places whose unconflicted event is to be at hand. */
  readonly places?: Iterable<StateTuple>
  /** Events of which is to be known whether they are unconflicted state or in the auth chain of it. */
  readonly candidates?: ReadonlySet<string>
}

/**
 * A computation that says what it needs and that lets others have their turn. Between two pauses lies the work of about
 * one event, so that whoever runs it bounds how long nothing else happens by counting.
 */
export type Steps<Result> = Generator<Ask, Result, undefined>

export const PAUSE: Ask = {}

/** Runs a computation to its end where everything is at hand. */
export function finish<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
  }
}
