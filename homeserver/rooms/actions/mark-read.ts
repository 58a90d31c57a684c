import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { isEventId } from '../../../protocol/identifiers/event-id.ts'
import type { StoredEvent } from '../../../storage/events/stored-event.ts'
import type { RoomNid } from '../../../storage/numeric-ids.ts'
import { ACCOUNT_DATA } from '../../../storage/accounts/account-data-write.ts'
import { findAccountData } from '../../../storage/accounts/account-data-reader.ts'
import { parseJson } from '../../../protocol/json/parse.ts'
import { isJsonObject, ownValue } from '../../../protocol/json/value.ts'
import { findReceipt } from '../../../storage/rooms/receipt-reader.ts'
import { RECEIPT, type ReceiptType } from '../../../storage/rooms/receipt-write.ts'
import { ALL_THREADS } from '../../../storage/rooms/threads.ts'
import { isOfThread, type FindEvent } from '../../push/thread-of.ts'
import { requireJoined } from '../reading/room-sight.ts'
import type { Actor } from './actor.ts'
import type { RoomActions } from './room-actions.ts'

const FULLY_READ = 'm.fully_read'

/** What a client says its user has read, each by event id. */
export interface ReadMarks {
  readonly fullyRead?: string | undefined
  readonly read?: string | undefined
  readonly readPrivately?: string | undefined
  /** Thread of the receipts: an event id or `main`; the empty string for unthreaded ones. */
  readonly thread?: string | undefined
}

/**
 * Stores a user's receipts and fully-read marker (client-server API, "Receipts", "Read and unread markers").
 *
 * An event that is not here may still come: what names it is kept, and nothing is counted as read by it.
 *
 * @throws MatrixError 403 for those who are not in the room, 404 for events of other rooms, 400 M_INVALID_PARAM for
 *   what is no event id and for events that do not belong to the thread.
 */
export async function markRead(
  actions: RoomActions,
  user: Actor,
  roomId: string,
  { fullyRead, read, readPrivately, thread = ALL_THREADS }: ReadMarks,
): Promise<void> {
  const roomNid = await requireJoined(actions.services, user, roomId)
  const ids = [fullyRead, read, readPrivately].filter((eventId) => eventId !== undefined)
  if (ids.some((eventId) => !isEventId(eventId))) {
    throw new MatrixError(400, 'M_INVALID_PARAM', 'This is not an event id')
  }
  const { events } = actions.services
  const known = await events.byIds(ids)
  const stored = (eventId: string): StoredEvent | undefined => known.get(eventId)
  for (const event of known.values()) {
    if (event.roomNid !== roomNid)
      throw new MatrixError(404, 'M_NOT_FOUND', 'There is no such event in this room')
    if (thread !== ALL_THREADS && !(await isOfThread(event.event, thread, findIn(events, roomNid)))) {
      throw new MatrixError(400, 'M_INVALID_PARAM', 'The event does not belong to this thread')
    }
  }
  await Promise.all([
    read && receive(actions, user, roomNid, 'm.read', thread, read, stored(read)),
    readPrivately &&
      receive(actions, user, roomNid, 'm.read.private', thread, readPrivately, stored(readPrivately)),
    fullyRead && setFullyRead(actions, user, roomNid, fullyRead, stored(fullyRead)),
  ])
}

/** A receipt never goes back either, and one that stays where it is is no news. */
async function receive(
  { services }: RoomActions,
  { userNid }: Actor,
  roomNid: RoomNid,
  type: ReceiptType,
  thread: string,
  eventId: string,
  event: StoredEvent | undefined,
): Promise<void> {
  const before = await findReceipt(services.queries, { roomNid, userNid, type, thread })
  const beforePos = before === undefined ? undefined : (await services.events.byId(before))?.historyPos
  if (before === eventId || isNotAfter(event?.historyPos, beforePos)) return
  const read =
    event?.historyPos === undefined
      ? undefined
      : { historyPos: event.historyPos, unreadOrdinal: event.unreadOrdinal }
  await services.committer.submit(RECEIPT, {
    roomNid,
    userNid,
    type,
    thread,
    eventId,
    ts: services.now(),
    read,
  })
}

function findIn(events: RoomActions['services']['events'], roomNid: RoomNid): FindEvent {
  return async (eventId) => {
    const stored = await events.byId(eventId)
    return stored?.roomNid === roomNid ? stored.event : undefined
  }
}

function isNotAfter(place: number | undefined, before: number | undefined): boolean {
  return place !== undefined && before !== undefined && place <= before
}

/** The marker never goes back. */
async function setFullyRead(
  { services }: RoomActions,
  { userNid }: Actor,
  roomNid: RoomNid,
  eventId: string,
  event: StoredEvent | undefined,
): Promise<void> {
  const { queries, events, committer } = services
  const text = await findAccountData(queries, userNid, roomNid, FULLY_READ)
  const before = text === undefined ? undefined : parseJson(text)
  const beforeId = isJsonObject(before) ? ownValue(before, 'event_id') : undefined
  const known = typeof beforeId === 'string' ? await events.byId(beforeId) : undefined
  if (isNotAfter(event?.historyPos, known?.historyPos)) return
  await committer.submit(ACCOUNT_DATA, {
    userNid,
    roomNid,
    type: FULLY_READ,
    content: JSON.stringify({ event_id: eventId }),
  })
}
