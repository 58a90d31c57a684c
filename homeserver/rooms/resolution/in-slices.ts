import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Ask, Steps } from '../../../protocol/state-resolution/steps.ts'
import { PAUSE } from '../../../protocol/state-resolution/steps.ts'

/** Steps from one turn of the event loop to the next. A step checks one event: some milliseconds for all of them. */
export const STEPS_PER_SLICE = 128

/**
 * Runs a computation a slice at a time, so that requests about other rooms are served in between, however long it takes.
 *
 * @param answer has at hand what the computation asks for.
 */
export async function inSlices<Result>(
  steps: Steps<Result>,
  answer: (ask: Ask) => Promise<void>,
): Promise<Result> {
  for (let count = 1; ; count++) {
    const step = steps.next()
    if (step.done) return step.value
    if (step.value !== PAUSE) await answer(step.value)
    if (count % STEPS_PER_SLICE === 0) await nextTurn()
  }
}
