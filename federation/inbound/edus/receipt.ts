import type { OpenRoom } from '../../../homeserver/rooms/open-room.ts'
import { isEventId } from '../../../protocol/identifiers/event-id.ts'
import { isUserId, serverOf } from '../../../protocol/identifiers/user-id.ts'
import { isJsonObject, ownValue, type JsonObject, type JsonValue } from '../../../protocol/json/value.ts'
import { receiptsOvertaken } from '../../../storage/rooms/receipt-reader.ts'
import { RECEIPT, type ReceiptWrite } from '../../../storage/rooms/receipt-write.ts'
import { MAIN_THREAD } from '../../../storage/rooms/threads.ts'
import type { VerifiedOrigin } from '../authenticate.ts'
import type { InboundContext } from '../inbound-context.ts'
import { joinedRoom } from '../resident-room.ts'
import { isAllowedByAcl } from '../server-acl.ts'
import type { EduHandler } from './edu-handler.ts'
import { joinedAmong } from './joined-among.ts'

/** Rooms of one message, and users of one room; a server batches what its users read within a second or so. */
const MAX_ROOMS = 100
const MAX_USERS = 500

/** A receipt as the message says it. */
interface ToldReceipt {
  readonly userId: string
  readonly eventId: string
  readonly thread: string
  readonly ts: number
}

/** `m.receipt`: what users of other servers have read (server-server API, "Receipts"). */
export function receiptHandler(context: Pick<InboundContext, 'rooms' | 'writer'>): EduHandler {
  return async (origin, content) => {
    for (const [roomId, ofRoom] of Object.entries(content).slice(0, MAX_ROOMS)) {
      const told = readReceipts(ofRoom, origin, context.rooms.now())
      if (told.length === 0) continue
      const room = await joinedRoom(context, roomId)
      if (!room || !(await isAllowedByAcl(room, origin))) continue
      await store(context, room, await ofMembers(context, room, told))
    }
  }
}

function readReceipts(ofRoom: JsonValue, origin: VerifiedOrigin, now: number): ToldReceipt[] {
  const read = isJsonObject(ofRoom) ? ownValue(ofRoom, 'm.read') : undefined
  if (!isJsonObject(read)) return []
  return Object.entries(read)
    .slice(0, MAX_USERS)
    .flatMap(([userId, receipt]) => {
      if (!isUserId(userId) || serverOf(userId) !== origin || !isJsonObject(receipt)) return []
      return readReceipt(userId, receipt, now)
    })
}

function readReceipt(userId: string, receipt: JsonObject, now: number): ToldReceipt[] {
  const ids = ownValue(receipt, 'event_ids')
  const eventId = Array.isArray(ids) ? ids[0] : undefined
  if (typeof eventId !== 'string' || !isEventId(eventId)) return []
  const data = ownValue(receipt, 'data')
  const ts = isJsonObject(data) ? ownValue(data, 'ts') : undefined
  const thread = isJsonObject(data) ? (ownValue(data, 'thread_id') ?? '') : ''
  const isThread =
    typeof thread === 'string' && (thread === '' || thread === MAIN_THREAD || isEventId(thread))
  if (!isThread) return []
  return [
    { userId, eventId, thread, ts: typeof ts === 'number' && Number.isSafeInteger(ts) && ts >= 0 ? ts : now },
  ]
}

async function ofMembers(
  { rooms }: Pick<InboundContext, 'rooms'>,
  room: OpenRoom,
  told: readonly ToldReceipt[],
): Promise<ToldReceipt[]> {
  const userIds = told.map(({ userId }) => userId)
  const joined = await joinedAmong(rooms, room, userIds)
  return told.filter(({ userId }) => joined.has(userId))
}

async function store(
  { rooms: { interner, committer, queries } }: Pick<InboundContext, 'rooms'>,
  { head: { roomNid } }: OpenRoom,
  told: readonly ToldReceipt[],
): Promise<void> {
  const userNids = await interner.userNids(told.map(({ userId }) => userId))
  const writes = told.map(({ userId, eventId, thread, ts }): ReceiptWrite => ({
    roomNid,
    userNid: userNids.get(userId)!,
    type: 'm.read',
    thread,
    eventId,
    ts,
    read: undefined,
  }))
  // The stored receipt would stand; but syncs that are answered from memory would show the older one once.
  const overtaken = await receiptsOvertaken(queries, writes)
  const news = writes.filter((write) => !overtaken.has(write))
  await Promise.all(news.map((write) => committer.submit(RECEIPT, write)))
}
