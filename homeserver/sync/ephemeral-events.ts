import type { RoomNid, UserNid } from '../../storage/numeric-ids.ts'
import { ALL_THREADS } from '../../storage/rooms/threads.ts'
import { STREAM_START } from '../../storage/position/position.ts'
import type { Receipt } from '../../storage/sync/receipts-reader.ts'
import type { EphemeralBus } from '../ephemeral/ephemeral-bus.ts'
import type { ChangeSource } from './change-source.ts'
import { roomMatcher, typeMatcher } from './match-event.ts'
import type { RoomPlan } from './skeleton.ts'
import type { SyncRequest } from './sync-request.ts'
import type { ByRoom, SyncServices } from './sync-services.ts'
import type { EphemeralVersion } from './tokens.ts'

/** What is not part of rooms' history: JSON texts of events. */
export interface RoomEphemerals {
  readonly byRoom: ByRoom<readonly string[]>
  /** Rooms that the user has read further, whose counts have changed with it. */
  readonly readByUser: ReadonlySet<RoomNid>
}

/** The receipts and the typing users of all rooms together. */
export async function loadEphemerals(
  { interner, ephemeral, stored }: SyncServices,
  source: ChangeSource,
  request: SyncRequest,
  plans: readonly RoomPlan[],
): Promise<RoomEphemerals> {
  const { viewer, since } = request
  const joined = plans.filter(({ section }) => section === 'join')
  const fresh = joined.filter(({ after }) => after === undefined)
  const known = joined.filter(({ after }) => after !== undefined)
  const [all, changed] = await Promise.all([
    stored.receipts(fresh.map(({ roomNid, upTo }) => ({ roomNid, after: STREAM_START, upTo }))),
    source.receipts(known.map(({ roomNid, after, upTo }) => ({ roomNid, after: after!, upTo }))),
  ])
  const visible = [...all, ...changed].filter(
    ({ receiptType, userNid }) => receiptType !== 'm.read.private' || userNid === viewer.userNid,
  )
  const names = await interner.userIds(visible.map(({ userNid }) => userNid))
  const receipts = Map.groupBy(visible, ({ roomNid }) => roomNid)

  const filter = request.filter.room.ephemeral
  const wantsRoom = roomMatcher(filter)
  const wantsType = typeMatcher(filter)
  const byRoom = new Map<RoomNid, string[]>()
  for (const { roomNid, roomId, after } of joined) {
    const events: string[] = []
    const ofRoom = receipts.get(roomNid)
    if (ofRoom && wantsType('m.receipt')) events.push(receiptEvent(ofRoom, names))
    if (
      !request.durableOnly &&
      wantsType('m.typing') &&
      hasTypingNews(ephemeral, roomId, after === undefined ? undefined : since?.ephemeral)
    ) {
      const userIds = ephemeral.typingIn(roomId)
      events.push(JSON.stringify({ type: 'm.typing', content: { user_ids: userIds } }))
    }
    byRoom.set(roomNid, wantsRoom(roomId) ? events : [])
  }
  const own = changed.filter(({ userNid }) => userNid === viewer.userNid)
  return { byRoom, readByUser: new Set(own.map(({ roomNid }) => roomNid)) }
}

/** False where nobody has begun or ended typing anywhere since. */
export function mayHaveTypingNews(ephemeral: EphemeralBus, seen: EphemeralVersion): boolean {
  return seen.epoch !== ephemeral.epoch || seen.version < ephemeral.lastChange
}

/** Whether a client that knows `seen` must be told who is typing: of an unknown epoch, what is current. */
export function hasTypingNews(
  ephemeral: EphemeralBus,
  roomId: string,
  seen: EphemeralVersion | undefined,
): boolean {
  if (seen?.epoch === ephemeral.epoch) return ephemeral.versionOf(roomId) > seen.version
  return ephemeral.typingIn(roomId).length > 0
}

/** JSON text of an `m.receipt` event (client-server API, "Receipts"). */
export function receiptEvent(receipts: readonly Receipt[], names: ReadonlyMap<UserNid, string>): string {
  const byEvent = Map.groupBy(receipts, ({ eventId }) => eventId)
  const content = Array.from(byEvent, ([eventId, ofEvent]) => {
    const types = Array.from(
      Map.groupBy(ofEvent, ({ receiptType }) => receiptType),
      ([type, ofType]) => `${JSON.stringify(type)}:{${usersOf(ofType, names)}}`,
    )
    return `${JSON.stringify(eventId)}:{${types.join(',')}}`
  })
  return `{"type":"m.receipt","content":{${content.join(',')}}}`
}

function usersOf(receipts: readonly Receipt[], names: ReadonlyMap<UserNid, string>): string {
  // A user may have receipts of several threads at one event, of which the form has room for one: that of the room
  // as a whole says the most (MSC4102).
  const users = new Map<string, Receipt>()
  for (const receipt of receipts) {
    const userId = names.get(receipt.userNid)
    if (userId !== undefined && users.get(userId)?.thread !== ALL_THREADS) users.set(userId, receipt)
  }
  return Array.from(users, ([userId, { ts, thread }]) => {
    const data = thread === ALL_THREADS ? { ts } : { ts, thread_id: thread }
    return `${JSON.stringify(userId)}:${JSON.stringify(data)}`
  }).join(',')
}
