import { receiptEvent } from '../../sync/ephemeral-events.ts'
import { missedReceipts } from '../../../storage/appservices/missed-receipts.ts'
import type { StreamPosition } from '../../../storage/position/position.ts'
import type { Receipt } from '../../../storage/sync/receipts-reader.ts'
import type { RoomNid } from '../../../storage/numeric-ids.ts'
import type { EphemeralBus } from '../../ephemeral/ephemeral-bus.ts'
import type { RoomServices } from '../../rooms/room-services.ts'

/** Of each kind, for one service: what a transaction can carry. A service that needs longer gets what is current. */
const MAX_WAITING = 500

/**
 * Ephemeral data for one service. One that is away has it forgotten; how far people have read meanwhile, which is still
 * so, it is told once it is back.
 */
export class EphemeralNews {
  readonly #typing = new Set<string>()
  readonly #receipts = new Map<string, Receipt>()
  readonly #presence = new Map<string, Readonly<Record<string, string | number | boolean>>>()
  /** Receipts after it are to be read from the database. */
  #missedSince: StreamPosition | undefined

  /** @param readUpTo up to which it has been told how far people have read; undefined for services that are not. */
  constructor(readUpTo: StreamPosition | undefined) {
    this.#missedSince = readUpTo
  }

  get isEmpty(): boolean {
    return (
      this.#missedSince === undefined && this.#typing.size + this.#receipts.size + this.#presence.size === 0
    )
  }

  /** Others type in a room than before. */
  addTyping(roomId: string): void {
    if (this.#typing.size < MAX_WAITING) this.#typing.add(roomId)
  }

  addReceipt(receipt: Receipt): void {
    const key = keyOf(receipt)
    this.#receipts.delete(key)
    if (this.#receipts.size < MAX_WAITING) this.#receipts.set(key, receipt)
  }

  /** @param content as `m.presence` has it. */
  addPresence(userId: string, content: Readonly<Record<string, string | number | boolean>>): void {
    if (this.#presence.size < MAX_WAITING || this.#presence.has(userId)) this.#presence.set(userId, content)
  }

  /** Nobody takes it: the service is away. @param readUpTo as for the constructor. */
  forget(readUpTo: StreamPosition): void {
    this.#missedSince ??= readUpTo
    this.#clear()
  }

  #clear(): void {
    this.#typing.clear()
    this.#receipts.clear()
    this.#presence.clear()
  }

  /** Takes all of it, as JSON texts of events with the room where there is one. */
  async take(
    { interner, queries }: Pick<RoomServices, 'interner' | 'queries'>,
    bus: Pick<EphemeralBus, 'typingIn'>,
    appserviceId: string,
  ): Promise<string[]> {
    const missed =
      this.#missedSince === undefined
        ? []
        : await missedReceipts(queries, appserviceId, this.#missedSince, MAX_WAITING)
    this.#missedSince = undefined
    const typing = Array.from(this.#typing, (roomId) =>
      JSON.stringify({ type: 'm.typing', room_id: roomId, content: { user_ids: bus.typingIn(roomId) } }),
    )
    const presence = Array.from(this.#presence, ([sender, content]) =>
      JSON.stringify({ type: 'm.presence', sender, content }),
    )
    const read = new Map(missed.map((receipt) => [keyOf(receipt), receipt]))
    for (const [key, receipt] of this.#receipts) read.set(key, receipt)
    const receipts = [...read.values()]
    this.#clear()
    const byRoom = Map.groupBy(receipts, ({ roomNid }) => roomNid)
    const names = await interner.userIds(receipts.map(({ userNid }) => userNid))
    const roomIds = await interner.roomIds([...byRoom.keys()])
    const receiptTexts = Array.from(byRoom, ([roomNid, ofRoom]) =>
      withRoom(receiptEvent(ofRoom, names), roomIds, roomNid),
    )
    return [...typing, ...receiptTexts, ...presence]
  }
}

function keyOf({ roomNid, userNid, receiptType, thread }: Receipt): string {
  return JSON.stringify([roomNid, userNid, receiptType, thread])
}

function withRoom(text: string, roomIds: ReadonlyMap<RoomNid, string>, roomNid: RoomNid): string {
  return `{"room_id":${JSON.stringify(roomIds.get(roomNid) ?? '')},${text.slice(1)}`
}
