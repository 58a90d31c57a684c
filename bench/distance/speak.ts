import { setTimeout as sleep } from 'node:timers/promises'
import { LongPoller } from '../scenarios/long-poller.ts'
import type { SharedRoom } from './furnish.ts'

/** Seconds of speaking before the clock starts: programs and connections warm up. */
const WARM_UP_SECONDS = 5
/** How long after the last send a message may still come before it counts as lost. */
const ARRIVAL_LIMIT_MS = 60_000
const ARRIVAL_CHECK_MS = 50

/**
 * Sends on a fixed timetable into one room after the other, and follows them all from the other region.
 *
 * @param rate messages a second.
 * @returns milliseconds from the start of each send to its arrival in the listener's `/sync`.
 * @throws Error when a message does not come or comes twice, or a timeline had to be cut short: the listener cannot follow.
 */
export async function speak(
  rooms: readonly SharedRoom[],
  rate: number,
  seconds: number,
): Promise<readonly number[]> {
  const byListener = Map.groupBy(rooms, ({ listener }) => listener)
  const pollers = new Map(
    [...byListener].map(([listener, theirs]) => [
      listener,
      new LongPoller(
        listener,
        theirs.map(({ roomId }) => roomId),
      ),
    ]),
  )
  await Promise.all([...pollers.values()].map((poller) => poller.start()))
  const sends: Promise<{ readonly eventId: string; readonly at: number; readonly poller: LongPoller }>[] = []
  const begun = performance.now()
  for (let turn = 0; turn < rate * (WARM_UP_SECONDS + seconds); turn++) {
    await sleep(Math.max(0, begun + (turn * 1_000) / rate - performance.now()))
    const { roomId, speaker, listener } = rooms[turn % rooms.length]!
    const poller = pollers.get(listener)!
    const at = performance.now()
    sends.push(speaker.sendText(roomId, `message ${turn}`).then((eventId) => ({ eventId, at, poller })))
  }
  const sent = await Promise.all(sends)
  const deadline = performance.now() + ARRIVAL_LIMIT_MS
  const allCame = (): boolean => sent.every(({ eventId, poller }) => poller.arrivals.has(eventId))
  while (!allCame()) {
    const gaps = [...pollers.values()].reduce((sum, poller) => sum + poller.gaps, 0)
    if (gaps > 0) throw new Error(`listeners could not follow: ${gaps} timelines were cut short`)
    if (performance.now() > deadline) throw new Error('messages did not come')
    await sleep(ARRIVAL_CHECK_MS)
  }
  for (const poller of pollers.values()) {
    await poller.stop()
    if (poller.repeated.length > 0) throw new Error(`${poller.repeated.length} messages came twice`)
  }
  return sent
    .slice(rate * WARM_UP_SECONDS)
    .map(({ eventId, at, poller }) => poller.arrivals.get(eventId)! - at)
}
