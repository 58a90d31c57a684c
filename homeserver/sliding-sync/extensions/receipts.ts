import type { RoomNid } from '../../../storage/numeric-ids.ts'
import type { Receipt } from '../../../storage/sync/receipts-reader.ts'
import type { RoomStretch } from '../../../storage/sync/state-places-reader.ts'
import { receiptsOfEvents } from '../../../storage/sliding-sync/receipts-of-events-reader.ts'
import { receiptEvent } from '../../sync/ephemeral-events.ts'
import { toldUpTo } from '../plan-rooms.ts'
import { byRoomText, roomsInScope, type ExtensionContext } from './extension-context.ts'
import type { ExtensionPart } from './sliding-extension.ts'

/**
 * The receipts extension (MSC3960). Of rooms that are sent as a whole it tells the receipts at the events shown and
 * the user's own, of others what is new. Undefined where it is switched off; what goes untold is noted all the same.
 */
export async function receiptsExtension(context: ExtensionContext): Promise<ExtensionPart | undefined> {
  const { services, source, request, choice, state, changes, since, head, shown } = context
  const { viewer, extensions } = request
  const rooms = roomsInScope(context, extensions.receipts)
  for (const roomNid of rooms.keys()) {
    if (choice.rooms.get(roomNid)!.room.membership !== 'join') rooms.delete(roomNid)
  }
  const fresh = [...rooms.keys()].filter(
    (roomNid) => shown.has(roomNid) || changes.room(roomNid).receipts === undefined,
  )
  const isFresh = new Set(fresh)
  const stretches = [...state.rooms].flatMap(([roomNid, { receipts }]): RoomStretch[] => {
    // Live rooms that the client does not look at are read to note that they have news.
    const after = receipts === 'live' || rooms.has(roomNid) ? toldUpTo(receipts, since) : undefined
    return after === undefined || isFresh.has(roomNid) ? [] : [{ roomNid, after, upTo: head }]
  })
  const shownIds = fresh.flatMap((nid) => (shown.get(nid)?.events ?? []).map(({ event }) => event.eventId))
  const [first, news] = await Promise.all([
    receiptsOfEvents(services.queries, fresh, shownIds, viewer.userNid),
    stretches.length > 0 ? source.receipts(stretches) : [],
  ])
  for (const { roomNid } of news) {
    if (!rooms.has(roomNid)) changes.update(roomNid, { receipts: since })
  }
  for (const roomNid of rooms.keys()) changes.update(roomNid, { receipts: 'live' })
  if (!extensions.receipts) return undefined

  const told = [...first, ...news].filter(
    ({ roomNid, receiptType, userNid }) =>
      rooms.has(roomNid) && (receiptType !== 'm.read.private' || userNid === viewer.userNid),
  )
  const names = await services.interner.userIds(told.map(({ userNid }) => userNid))
  const byRoom = Map.groupBy<RoomNid, Receipt>(told, ({ roomNid }) => roomNid)
  const texts = Array.from(byRoom, ([nid, ofRoom]) => [rooms.get(nid)!, receiptEvent(ofRoom, names)] as const)
  return { text: `{"rooms":${byRoomText(texts)}}`, hasNews: texts.length > 0 }
}
