import { setTimeout as delay } from 'node:timers/promises'
import type { Ground } from './ground.ts'

const LOOK_MS = 50
/** Nothing asked of either database for so long: what was begun has ended. */
const QUIET_MS = 500
/** A thousand joins take minutes to reach the other server on a busy machine. */
const PATIENCE_MS = 10 * 60_000

/** What something took. */
export interface Cost {
  /** Until the caller was done. */
  readonly ms: number
  /** Statements of each server, with what went on behind the answer. */
  readonly north: number
  readonly south: number
}

/** Measures something, when both servers are done with all before it. */
export async function measure(ground: Ground, work: () => Promise<void>): Promise<Cost> {
  await quiet(ground)
  const before = [ground.north.statements(), ground.south.statements()] as const
  const started = performance.now()
  await work()
  const ms = performance.now() - started
  await quiet(ground)
  return { ms, north: ground.north.statements() - before[0], south: ground.south.statements() - before[1] }
}

async function quiet({ north, south }: Ground): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  let [count, since] = [-1, performance.now()]
  while (performance.now() - since < QUIET_MS && performance.now() < deadline) {
    const now = north.statements() + south.statements()
    if (now !== count) [count, since] = [now, performance.now()]
    await delay(LOOK_MS)
  }
}
