import type { MatrixUser } from '../client/matrix-user.ts'
import { readBack } from '../measure/read-back.ts'
import { Stopwatch } from '../measure/stopwatch.ts'
import type { Measured } from './scenario.ts'

/** Sends before the clock starts: connections, caches and compiled code are warm on either side. */
const WARM_UP_SENDS = 20

/** A server that refuses this often is not measured any further. */
const MAX_REFUSALS = 20

/** One worker sends into one room, each message after the one before it was acknowledged. */
export interface Worker {
  user: MatrixUser
  roomId: string
}

/** Keeps all workers sending for some seconds, then reads every acknowledged send back. */
export async function sendLoad(workers: readonly Worker[], seconds: number): Promise<Measured> {
  for (let turn = 0; turn < WARM_UP_SENDS; turn++) {
    const worker = workers[turn % workers.length]
    if (worker) await worker.user.sendText(worker.roomId, `warm-up ${turn}`)
  }

  const acknowledged = new Map(workers.map(({ roomId }) => [roomId, new Map<string, string>()]))
  const refusals: string[] = []
  const watch = new Stopwatch()
  const sendUntilDone = async ({ user, roomId }: Worker, index: number): Promise<void> => {
    for (let turn = 0; watch.elapsed() < seconds && refusals.length < MAX_REFUSALS; turn++) {
      const body = `worker ${index} message ${turn}`
      try {
        const eventId = await watch.time(() => user.sendText(roomId, body))
        acknowledged.get(roomId)?.set(eventId, body)
      } catch (error) {
        refusals.push(String(error))
      }
    }
  }
  await Promise.all(workers.map(sendUntilDone))
  const elapsed = watch.elapsed()

  const failures = [...refusals]
  for (const [roomId, sent] of acknowledged) {
    const inRoom = workers.filter((worker) => worker.roomId === roomId)
    const [reader] = inRoom
    if (reader) failures.push(...(await readBack(reader.user, roomId, sent, inRoom.length === 1)))
  }
  return { operations: watch.latencies.length, seconds: elapsed, latencies: watch.latencies, failures }
}
