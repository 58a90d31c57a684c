import type { Queries } from '../../storage/database.ts'
import { deleteExpiredToDeviceRequests, trimOutgoing } from '../../storage/e2ee/prune-to-device.ts'
import { serversWithOutgoing } from '../../storage/e2ee/to-device-outbox.ts'

/** Rows of one deleting statement: a few milliseconds of work, which no reader or writer notices. */
const BATCH = 1_000
/** Messages that wait for one server. One that is away for weeks finds the newest; one that is gone takes no more. */
const MAX_OUTBOX = 100_000

/** Forgets old requests and what no server will fetch. To be run every hour or so. @param now milliseconds. */
export async function pruneToDevice(queries: Queries, now: number, signal: AbortSignal): Promise<void> {
  while ((await deleteExpiredToDeviceRequests(queries, now, BATCH)) === BATCH) signal.throwIfAborted()
  await trimOutgoing(queries, await serversWithOutgoing(queries), MAX_OUTBOX)
}
