import { TO_DEVICE } from '../../storage/e2ee/to-device-write.ts'
import { deviceListChangeOf } from '../../storage/e2ee/device-list-write.ts'
import { KEY_STOCK_CHANGE } from '../../storage/e2ee/key-stock-change.ts'
import { eventWriteOf } from '../../storage/events/event-write.ts'
import type { StoredEvent } from '../../storage/events/stored-event.ts'
import type { RoomNid, UserNid } from '../../storage/numeric-ids.ts'
import { itemOf, type CommittedWrite } from '../../storage/position/committed-write.ts'
import type { StreamPosition } from '../../storage/position/position.ts'
import { outsideMembershipOf } from '../../storage/rooms/outside-membership.ts'
import { receiptOf, type ReceiptWrite } from '../../storage/rooms/receipt-write.ts'
import type { SyncServices } from '../sync/sync-services.ts'

interface At {
  readonly position: StreamPosition
}

interface OfUser extends At {
  readonly userNid: UserNid
  readonly userId: string
}

/** What commits say that an application service may be told. */
export type StreamNews =
  | (At & { readonly kind: 'event'; readonly stored: StoredEvent })
  | (OfUser & { readonly kind: 'outside'; readonly roomNid: RoomNid })
  | (OfUser & { readonly kind: 'receipt'; readonly receipt: ReceiptWrite })
  | (OfUser & { readonly kind: 'to-device' | 'key-stock' })
  | (At & { readonly kind: 'device-list' })

type Unnamed =
  | Extract<StreamNews, { kind: 'event' | 'device-list' }>
  | Omit<Extract<StreamNews, { kind: 'outside' }>, 'userId'>
  | Omit<Extract<StreamNews, { kind: 'receipt' }>, 'userId'>
  | Omit<Extract<StreamNews, { kind: 'to-device' | 'key-stock' }>, 'userId'>

/** Reads commits, in their order. Events are at hand, and users' names mostly are. */
export async function readWrites(
  { events, interner }: Pick<SyncServices, 'events' | 'interner'>,
  writes: readonly CommittedWrite[],
): Promise<StreamNews[]> {
  const places = writes.flatMap((committed) => {
    const write = eventWriteOf(committed)
    return write?.live ? [{ roomNid: write.roomNid, eventNid: write.row.eventNid }] : []
  })
  const stored = await events.byPlaces(places)
  const unnamed = writes.flatMap((write): Unnamed[] => readWrite(write, stored))
  const userIds = await interner.userIds(unnamed.flatMap((item) => ('userNid' in item ? [item.userNid] : [])))
  return unnamed.flatMap((item): StreamNews[] => {
    if (!('userNid' in item)) return [item]
    const userId = userIds.get(item.userNid)
    return userId === undefined ? [] : [{ ...item, userId }]
  })
}

function readWrite(
  committed: CommittedWrite,
  stored: ReadonlyMap<StoredEvent['eventNid'], StoredEvent>,
): Unnamed[] {
  const { position } = committed
  const write = eventWriteOf(committed)
  if (write) {
    const event = write.live ? stored.get(write.row.eventNid) : undefined
    return event ? [{ kind: 'event', position, stored: event }] : []
  }
  const receipt = receiptOf(committed)
  if (receipt) return [{ kind: 'receipt', position, receipt, userNid: receipt.userNid }]
  const outside = outsideMembershipOf(committed)
  if (outside) return [{ kind: 'outside', position, roomNid: outside.roomNid, userNid: outside.userNid }]
  if (deviceListChangeOf(committed)) return [{ kind: 'device-list', position }]
  const messages = itemOf(TO_DEVICE, committed)
  const stocks = itemOf(KEY_STOCK_CHANGE, committed)
  return [
    ...(messages?.local ?? []).map(({ userNid }) => ({ kind: 'to-device' as const, position, userNid })),
    ...(stocks ?? []).map(({ userNid }) => ({ kind: 'key-stock' as const, position, userNid })),
  ]
}
