import { receiptEvent } from '../../sync/ephemeral-events.ts'
import type { Receipt } from '../../../storage/sync/receipts-reader.ts'
import type { RoomNid } from '../../../storage/numeric-ids.ts'
import type { EphemeralBus } from '../../ephemeral/ephemeral-bus.ts'
import type { RoomServices } from '../../rooms/room-services.ts'

/** Of each kind, for one service: what a transaction can carry. A service that needs longer gets what is current. */
const MAX_WAITING = 500

/** Ephemeral data for one service. It is for services that keep up: one that is away has it forgotten. */
export class EphemeralNews {
  readonly #typing = new Set<string>()
  readonly #receipts = new Map<string, Receipt>()
  readonly #presence = new Map<string, Readonly<Record<string, string | number | boolean>>>()

  get isEmpty(): boolean {
    return this.#typing.size + this.#receipts.size + this.#presence.size === 0
  }

  /** Others type in a room than before. */
  addTyping(roomId: string): void {
    if (this.#typing.size < MAX_WAITING) this.#typing.add(roomId)
  }

  addReceipt(receipt: Receipt): void {
    const key = JSON.stringify([receipt.roomNid, receipt.userNid, receipt.receiptType, receipt.thread])
    this.#receipts.delete(key)
    if (this.#receipts.size < MAX_WAITING) this.#receipts.set(key, receipt)
  }

  /** @param content as `m.presence` has it. */
  addPresence(userId: string, content: Readonly<Record<string, string | number | boolean>>): void {
    if (this.#presence.size < MAX_WAITING || this.#presence.has(userId)) this.#presence.set(userId, content)
  }

  clear(): void {
    this.#typing.clear()
    this.#receipts.clear()
    this.#presence.clear()
  }

  /** Takes all of it, as JSON texts of events with the room where there is one. */
  async take(
    { interner }: Pick<RoomServices, 'interner'>,
    bus: Pick<EphemeralBus, 'typingIn'>,
  ): Promise<string[]> {
    const typing = Array.from(this.#typing, (roomId) =>
      JSON.stringify({ type: 'm.typing', room_id: roomId, content: { user_ids: bus.typingIn(roomId) } }),
    )
    const presence = Array.from(this.#presence, ([sender, content]) =>
      JSON.stringify({ type: 'm.presence', sender, content }),
    )
    const receipts = [...this.#receipts.values()]
    this.clear()
    const byRoom = Map.groupBy(receipts, ({ roomNid }) => roomNid)
    const names = await interner.userIds(receipts.map(({ userNid }) => userNid))
    const roomIds = await interner.roomIds([...byRoom.keys()])
    const receiptTexts = Array.from(byRoom, ([roomNid, ofRoom]) =>
      withRoom(receiptEvent(ofRoom, names), roomIds, roomNid),
    )
    return [...typing, ...receiptTexts, ...presence]
  }
}

function withRoom(text: string, roomIds: ReadonlyMap<RoomNid, string>, roomNid: RoomNid): string {
  return `{"room_id":${JSON.stringify(roomIds.get(roomNid) ?? '')},${text.slice(1)}`
}
