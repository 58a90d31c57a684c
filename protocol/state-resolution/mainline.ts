import type { RoomEvent } from '../events/room-event.ts'
import { compareCodePoints } from '../json/code-point-order.ts'
import { citedEvent, type EventSource } from './event-source.ts'
import type { Steps } from './steps.ts'

/** The position of an event whose power levels do not go back to the mainline: it sorts before all others. */
const OFF_MAINLINE = Number.POSITIVE_INFINITY

/**
 * The mainline ordering of events based on a power levels event: those that rest on an earlier event of the
 * mainline come first, then the older timestamp, then the smaller id (rooms/fragments/v2-state-res.md).
 *
 * @param powerLevels the resolved power levels event; without one all positions are equal.
 */
export function* mainlineOrder(
  events: readonly RoomEvent[],
  powerLevels: RoomEvent | undefined,
  source: EventSource,
): Steps<RoomEvent[]> {
  const mainline = new Mainline(powerLevels, source)
  const placed: { readonly event: RoomEvent; readonly position: number }[] = []
  for (const event of events) placed.push({ event, position: yield* mainline.positionOf(event) })
  placed.sort((a, b) => {
    if (a.position !== b.position) return a.position > b.position ? -1 : 1
    if (a.event.originServerTs !== b.event.originServerTs)
      return a.event.originServerTs - b.event.originServerTs
    return compareCodePoints(a.event.eventId, b.event.eventId)
  })
  return placed.map(({ event }) => event)
}

/** A power levels event and those before it, each cited by the next; followed only as far back as events rest on it. */
class Mainline {
  readonly #source: EventSource
  readonly #positions = new Map<string, number>()
  #length = 0
  /** The next one back; undefined after the last. */
  #next: RoomEvent | undefined

  constructor(powerLevels: RoomEvent | undefined, source: EventSource) {
    this.#next = powerLevels
    this.#source = source
  }

  /**
   * Finds the mainline position and notes it for all power levels events on the way, so that thousands of events
   * that rest on the same ones walk their chain once.
   */
  *positionOf(event: RoomEvent): Steps<number> {
    const walked = new Set<string>()
    let position = OFF_MAINLINE
    let cited = yield* this.#citedBy(event)
    while (cited !== undefined) {
      yield* this.#followTo(cited)
      const known = this.#positions.get(cited.eventId)
      if (known !== undefined) position = known
      if (known !== undefined || walked.has(cited.eventId)) break
      walked.add(cited.eventId)
      cited = yield* this.#citedBy(cited)
    }
    for (const eventId of walked) this.#positions.set(eventId, position)
    return position
  }

  /** Follows the mainline back until it has passed an event, if that is known of it by their heights. */
  *#followTo({ eventId }: RoomEvent): Steps<void> {
    const height = this.#source.authHeight(eventId)
    while (this.#next !== undefined && !this.#positions.has(eventId)) {
      const here = this.#next
      const hereHeight = this.#source.authHeight(here.eventId)
      if (height !== undefined && hereHeight !== undefined && hereHeight < height) return
      // A chain of hashes has no cycle, but ids of room versions 1 and 2 are no hashes.
      const isCycle = this.#positions.has(here.eventId)
      if (!isCycle) this.#positions.set(here.eventId, this.#length++)
      this.#next = isCycle ? undefined : yield* this.#citedBy(here)
    }
  }

  *#citedBy(event: RoomEvent): Steps<RoomEvent | undefined> {
    yield { events: event.authEvents }
    return citedEvent(event, 'm.room.power_levels', this.#source)
  }
}
