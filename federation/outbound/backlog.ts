import type { RoomNid } from '../../storage/numeric-ids.ts'
import type { BacklogSpan } from '../../storage/federation/outbound-progress.ts'
import { isAfter, type StreamPosition } from '../../storage/position/position.ts'

/** What a destination has not been told of one room, in stream order. */
export interface Span {
  /** Everything up to here has been told, or was not for it. */
  after: StreamPosition
  /** Where the destination left the room; undefined while it is in. */
  until: StreamPosition | undefined
  /** The newest event that is known to lie in the span. */
  latest: StreamPosition
  /** Events that were sent from the span. */
  sent: number
}

/** What one destination has to be told from the database because it was away, room by room. */
export class Backlog {
  readonly #rooms = new Map<RoomNid, Span[]>()

  get isEmpty(): boolean {
    return this.#rooms.size === 0
  }

  has(roomNid: RoomNid): boolean {
    return this.#rooms.has(roomNid)
  }

  /** The rooms with their oldest span, in the order in which they fell behind. */
  *oldest(): Generator<[RoomNid, Span]> {
    for (const [roomNid, spans] of this.#rooms) yield [roomNid, spans[0]!]
  }

  /**
   * Notes an event that the destination has to be told.
   *
   * @param previous a position before it, with no event for this destination between the two.
   */
  add(roomNid: RoomNid, position: StreamPosition, previous: StreamPosition): void {
    const spans = this.#rooms.get(roomNid) ?? []
    const last = spans.at(-1)
    if (last && last.until === undefined) {
      if (isAfter(position, last.latest)) last.latest = position
      return
    }
    if (last?.until !== undefined && !isAfter(position, last.until)) return
    this.#rooms.set(roomNid, [...spans, { after: previous, until: undefined, latest: position, sent: 0 }])
  }

  /** Takes in a stored span. */
  restore({ roomNid, after, until }: BacklogSpan, cursor: StreamPosition): void {
    const spans = this.#rooms.get(roomNid) ?? []
    this.#rooms.set(roomNid, [...spans, { after, until, latest: until ?? cursor, sent: 0 }])
  }

  /** The destination has left the room: what comes after `position` is not for it. */
  close(roomNid: RoomNid, position: StreamPosition): void {
    const last = this.#rooms.get(roomNid)?.at(-1)
    if (last && last.until === undefined) last.until = position
  }

  /** The destination has been told everything of a span up to `position`. */
  advance(roomNid: RoomNid, span: Span, position: StreamPosition, sent: number): void {
    span.after = position
    span.sent += sent
    const end = span.until ?? span.latest
    if (isAfter(end, position)) return
    const rest = (this.#rooms.get(roomNid) ?? []).filter((other) => other !== span)
    if (rest.length > 0) this.#rooms.set(roomNid, rest)
    else this.#rooms.delete(roomNid)
  }

  /** Forgets everything. */
  clear(): void {
    this.#rooms.clear()
  }

  /** All spans, as they are stored. */
  spans(): BacklogSpan[] {
    return [...this.#rooms].flatMap(([roomNid, spans]) =>
      spans.map(({ after, until }) => ({ roomNid, after, until })),
    )
  }
}
