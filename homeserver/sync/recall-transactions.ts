import type { StoredEvent } from '../../storage/events/stored-event.ts'
import { readSentBy } from '../../storage/rooms/client-transactions.ts'
import type { ReadServices, Viewer } from '../history/read-services.ts'
import { REPEATABLE_MS } from '../rooms/repeatable.ts'
import type { SentTransactions } from './sent-transactions.ts'

/**
 * Brings the transaction ids of what the viewer sent lately back to memory, where a restart has made them forgotten.
 * One query at most; none for what others sent, for what is older than a day, and for what memory knows.
 */
export async function recallTransactions(
  { queries, now }: Pick<ReadServices, 'queries' | 'now'>,
  sent: SentTransactions,
  viewer: Viewer,
  events: Iterable<StoredEvent>,
): Promise<void> {
  const oldest = now() - REPEATABLE_MS
  const forgotten = new Set<string>()
  for (const { senderNid, receivedTs, event } of events) {
    const own = senderNid === viewer.userNid && receivedTs > oldest
    if (own && !sent.knows(event.eventId)) forgotten.add(event.eventId)
  }
  if (forgotten.size === 0) return
  for (const { eventId, deviceId, transactionId } of await readSentBy(queries, viewer.userNid, [
    ...forgotten,
  ])) {
    sent.note(eventId, viewer.userNid, deviceId, transactionId)
    forgotten.delete(eventId)
  }
  for (const eventId of forgotten) sent.noteNone(eventId)
}
