import { setTimeout as sleep } from 'node:timers/promises'
import type { MatrixUser } from '../client/matrix-user.ts'
import { readBack } from '../measure/read-back.ts'
import { LongPoller } from './long-poller.ts'
import type { Scenario } from './scenario.ts'

const RECEIVERS = 50
const MESSAGES_PER_SECOND = 4

/** Fan-out needs a longer look than the sends: one message gives only one group of arrivals. */
const DURATION_FACTOR = 3

/** Messages that are sent before the clock starts. */
const WARM_UP_MESSAGES = 4

/** How long after the last send a receiver may still get it before it counts as lost. */
const ARRIVAL_LIMIT_MS = 30_000
const ARRIVAL_CHECK_MS = 50

interface Sent {
  eventId: string
  at: number
  body: string
}

export const fanOut: Scenario = {
  name: 'fan-out',
  title: `send to receive, ${RECEIVERS} long-polling clients in one room, ${MESSAGES_PER_SECOND} msg/s`,
  async run({ accounts, seconds }) {
    const sender = await accounts.user('speaker')
    const roomId = await sender.createPublicRoom('Lecture')
    const receivers = await accounts.users('listener', RECEIVERS)
    for (const user of receivers) await user.join(roomId)

    const pollers = receivers.map((user) => new LongPoller(user, [roomId]))
    await Promise.all(pollers.map((poller) => poller.start()))
    const failures: string[] = []
    await sendAtRate(sender, roomId, WARM_UP_MESSAGES, failures)
    const begun = performance.now()
    const sent = await sendAtRate(sender, roomId, seconds * DURATION_FACTOR * MESSAGES_PER_SECOND, failures)
    const elapsed = (performance.now() - begun) / 1000
    await waitForAll(pollers, sent)
    for (const poller of pollers) {
      await poller.stop().catch((error: unknown) => failures.push(`a client's sync failed: ${String(error)}`))
    }

    const acknowledged = new Map(sent.map(({ eventId, body }) => [eventId, body]))
    failures.push(...(await readBack(sender, roomId, acknowledged, false)), ...undelivered(pollers, sent))
    return {
      operations: sent.length,
      seconds: elapsed,
      latencies: arrivalLatencies(pollers, sent),
      failures,
      extra: { receivers: RECEIVERS, gaps: pollers.reduce((sum, poller) => sum + poller.gaps, 0) },
    }
  },
}

/** Sends on a fixed timetable, whether or not earlier sends were answered: a slow server gets no respite. */
async function sendAtRate(
  user: MatrixUser,
  roomId: string,
  count: number,
  failures: string[],
): Promise<Sent[]> {
  const begun = performance.now()
  const sends: Promise<Sent | undefined>[] = []
  for (let turn = 0; turn < count; turn++) {
    await sleep(Math.max(0, begun + (turn * 1000) / MESSAGES_PER_SECOND - performance.now()))
    const at = performance.now()
    const body = `message ${turn}`
    const send = user.sendText(roomId, body).then(
      (eventId) => ({ eventId, at, body }),
      (error: unknown) => {
        failures.push(String(error))
        return undefined
      },
    )
    sends.push(send)
  }
  return (await Promise.all(sends)).filter((sent) => sent !== undefined)
}

async function waitForAll(pollers: readonly LongPoller[], sent: readonly Sent[]): Promise<void> {
  const deadline = performance.now() + ARRIVAL_LIMIT_MS
  const complete = (poller: LongPoller): boolean =>
    poller.gaps > 0 || sent.every(({ eventId }) => poller.arrivals.has(eventId))
  while (!pollers.every(complete) && performance.now() < deadline) await sleep(ARRIVAL_CHECK_MS)
}

function arrivalLatencies(pollers: readonly LongPoller[], sent: readonly Sent[]): number[] {
  return pollers.flatMap(({ arrivals }) =>
    sent.flatMap(({ eventId, at }) => {
      const arrived = arrivals.get(eventId)
      return arrived === undefined ? [] : [arrived - at]
    }),
  )
}

/** A client that was told of a gap would fetch what is missing from history, which is read back anyway. */
function undelivered(pollers: readonly LongPoller[], sent: readonly Sent[]): string[] {
  const whole = pollers.filter((poller) => poller.gaps === 0)
  const missing = whole.reduce(
    (sum, { arrivals }) => sum + sent.filter(({ eventId }) => !arrivals.has(eventId)).length,
    0,
  )
  const repeated = pollers.reduce((sum, poller) => sum + poller.repeated.length, 0)
  return [
    ...(missing > 0 ? [`${missing} deliveries by /sync never came`] : []),
    ...(repeated > 0 ? [`${repeated} deliveries by /sync came twice`] : []),
  ]
}
