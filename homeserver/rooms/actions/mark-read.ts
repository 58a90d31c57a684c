import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { isEventId } from '../../../protocol/identifiers/event-id.ts'
import type { StoredEvent } from '../../../storage/events/stored-event.ts'
import type { RoomNid } from '../../../storage/numeric-ids.ts'
import { ACCOUNT_DATA } from '../../../storage/accounts/account-data-write.ts'
import { findAccountData } from '../../../storage/accounts/account-data-reader.ts'
import { parseJson } from '../../../protocol/json/parse.ts'
import { isJsonObject, ownValue } from '../../../protocol/json/value.ts'
import { RECEIPT, type ReceiptType } from '../../../storage/rooms/receipt-write.ts'
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
 * @throws MatrixError 403 for those who are not in the room, 400 M_INVALID_PARAM for what is no event id.
 */
export async function markRead(
  actions: RoomActions,
  user: Actor,
  roomId: string,
  { fullyRead, read, readPrivately, thread = '' }: ReadMarks,
): Promise<void> {
  const roomNid = await requireJoined(actions.services, user, roomId)
  const ids = [fullyRead, read, readPrivately].filter((eventId) => eventId !== undefined)
  if (ids.some((eventId) => !isEventId(eventId))) {
    throw new MatrixError(400, 'M_INVALID_PARAM', 'This is not an event id')
  }
  const events = await actions.services.events.byIds(ids)
  const stored = (eventId: string): StoredEvent | undefined => {
    const event = events.get(eventId)
    return event?.roomNid === roomNid ? event : undefined
  }
  await Promise.all([
    read && receive(actions, user, roomNid, 'm.read', thread, read, stored(read)),
    readPrivately &&
      receive(actions, user, roomNid, 'm.read.private', thread, readPrivately, stored(readPrivately)),
    fullyRead && setFullyRead(actions, user, roomNid, fullyRead, stored(fullyRead)),
  ])
}

async function receive(
  { services }: RoomActions,
  { userNid }: Actor,
  roomNid: RoomNid,
  type: ReceiptType,
  thread: string,
  eventId: string,
  event: StoredEvent | undefined,
): Promise<void> {
  if (!event) throw new MatrixError(404, 'M_NOT_FOUND', 'There is no such event in this room')
  const { historyPos, unreadOrdinal } = event
  const read = historyPos === undefined ? undefined : { historyPos, unreadOrdinal }
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
  if (
    known?.historyPos !== undefined &&
    event?.historyPos !== undefined &&
    known.historyPos >= event.historyPos
  )
    return
  await committer.submit(ACCOUNT_DATA, {
    userNid,
    roomNid,
    type: FULLY_READ,
    content: JSON.stringify({ event_id: eventId }),
  })
}
