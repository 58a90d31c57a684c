import type { JsonObject } from '../../protocol/json/value.ts'

/** A public read receipt of one of our users. */
export interface OutgoingReceipt {
  readonly roomId: string
  readonly userId: string
  readonly eventId: string
  /** Milliseconds since the epoch. */
  readonly ts: number
  /** `main` or the thread's root; undefined for an unthreaded receipt. */
  readonly threadId: string | undefined
}

/** What waits of each kind for one destination; the newest stays, and the rest is stale anyway. */
const MAX_WAITING = 1_000

/** Users whose presence goes in one EDU. */
const MAX_PRESENCES = 50

/** Typing notifications, presence and receipts on their way to one destination: only the newest of each thing is kept. */
export class EduQueue {
  readonly #typing = new Map<string, JsonObject>()
  readonly #presences = new Map<string, JsonObject>()
  readonly #receipts = new Map<string, OutgoingReceipt>()

  get isEmpty(): boolean {
    return this.#typing.size + this.#presences.size + this.#receipts.size === 0
  }

  addTyping(roomId: string, userId: string, typing: boolean): void {
    const edu = { edu_type: 'm.typing', content: { room_id: roomId, user_id: userId, typing } }
    put(this.#typing, `${roomId} ${userId}`, edu)
  }

  addPresence(userId: string, content: JsonObject): void {
    put(this.#presences, userId, { ...content, user_id: userId })
  }

  addReceipt(receipt: OutgoingReceipt): void {
    put(this.#receipts, keyOf(receipt), receipt)
  }

  /** Puts receipts back that did not get through, unless there are newer ones. */
  restore(receipts: readonly OutgoingReceipt[]): void {
    for (const receipt of receipts) if (!this.#receipts.has(keyOf(receipt))) this.addReceipt(receipt)
  }

  /** Typing is over when a destination comes back, and presence is another one. */
  dropTyping(): void {
    this.#typing.clear()
    this.#presences.clear()
  }

  /** Takes out up to `limit` EDUs. */
  take(limit: number): { edus: JsonObject[]; receipts: OutgoingReceipt[] } {
    const edus: JsonObject[] = []
    for (const [key, edu] of this.#typing) {
      if (edus.length === limit) break
      edus.push(edu)
      this.#typing.delete(key)
    }
    while (edus.length < limit && this.#presences.size > 0) {
      const push = [...this.#presences].slice(0, MAX_PRESENCES)
      for (const [userId] of push) this.#presences.delete(userId)
      edus.push({ edu_type: 'm.presence', content: { push: push.map(([, content]) => content) } })
    }
    const taken: OutgoingReceipt[] = []
    while (edus.length < limit && this.#receipts.size > 0) {
      const receipts = this.#takeReceipts()
      taken.push(...receipts)
      edus.push(receiptEdu(receipts))
    }
    return { edus, receipts: taken }
  }

  /** Receipts for one EDU, which has a place for one of each user in each room: threads take one each. */
  #takeReceipts(): OutgoingReceipt[] {
    const places = new Set<string>()
    const receipts: OutgoingReceipt[] = []
    for (const [key, receipt] of this.#receipts) {
      const place = `${receipt.roomId} ${receipt.userId}`
      if (places.has(place)) continue
      places.add(place)
      receipts.push(receipt)
      this.#receipts.delete(key)
    }
    return receipts
  }
}

function keyOf({ roomId, userId, threadId }: OutgoingReceipt): string {
  return `${roomId} ${userId} ${threadId ?? ''}`
}

/** The newest goes to the end; the oldest makes room. */
function put<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key)
  map.set(key, value)
  if (map.size <= MAX_WAITING) return
  const [oldest] = map.keys()
  if (oldest !== undefined) map.delete(oldest)
}

/** Server-server API, "Receipts". */
function receiptEdu(receipts: readonly OutgoingReceipt[]): JsonObject {
  const rooms = new Map<string, Map<string, JsonObject>>()
  for (const { roomId, userId, eventId, ts, threadId } of receipts) {
    const users = rooms.get(roomId) ?? new Map<string, JsonObject>()
    rooms.set(roomId, users)
    const data = { ts, ...(threadId === undefined ? {} : { thread_id: threadId }) }
    users.set(userId, { data, event_ids: [eventId] })
  }
  const content = [...rooms].map(([roomId, users]) => [roomId, { 'm.read': Object.fromEntries(users) }])
  return { edu_type: 'm.receipt', content: Object.fromEntries(content) }
}
