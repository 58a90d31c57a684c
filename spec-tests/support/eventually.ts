import { setTimeout as delay } from 'node:timers/promises'

const POLL_MS = 20
/** Generous: machines may be busy, and a wait that succeeds costs only what it takes. */
const DEADLINE_MS = 60_000

/**
 * Waits until a condition holds.
 *
 * @param what says in the error what never came.
 * @param look a result other than undefined and false ends the wait.
 */
export async function eventually<T>(
  what: string | (() => string),
  look: () => Promise<T | undefined | false> | T | undefined | false,
  deadlineMs = DEADLINE_MS,
): Promise<T> {
  const deadline = performance.now() + deadlineMs
  for (;;) {
    const result = await look()
    if (result !== undefined && result !== false) return result
    if (performance.now() > deadline)
      throw new Error(`This never came: ${typeof what === 'string' ? what : what()}`)
    await delay(POLL_MS)
  }
}
