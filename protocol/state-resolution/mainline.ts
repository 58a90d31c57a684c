import type { RoomEvent } from '../events/room-event.ts'
import { compareCodePoints } from '../json/code-point-order.ts'
import { citedEvent, type EventSource } from './event-source.ts'

/** The position of an event whose power levels do not go back to the mainline: it sorts before all others. */
const OFF_MAINLINE = Number.POSITIVE_INFINITY

/**
 * The mainline ordering of events based on a power levels event: those that rest on an earlier event of the
 * mainline come first, then the older timestamp, then the smaller id (rooms/fragments/v2-state-res.md).
 *
 * @param powerLevels the resolved power levels event; without one all positions are equal.
 */
export function mainlineOrder(
  events: readonly RoomEvent[],
  powerLevels: RoomEvent | undefined,
  source: EventSource,
): RoomEvent[] {
  const positions = mainlinePositions(powerLevels, source)
  const placed = events.map((event) => ({ event, position: mainlinePosition(event, positions, source) }))
  placed.sort((a, b) => {
    if (a.position !== b.position) return a.position > b.position ? -1 : 1
    if (a.event.originServerTs !== b.event.originServerTs)
      return a.event.originServerTs - b.event.originServerTs
    return compareCodePoints(a.event.eventId, b.event.eventId)
  })
  return placed.map(({ event }) => event)
}

function mainlinePositions(powerLevels: RoomEvent | undefined, source: EventSource): Map<string, number> {
  const positions = new Map<string, number>()
  for (let current = powerLevels; current !== undefined; current = citedPowerLevels(current, source)) {
    // A chain of hashes has no cycle, but ids of room versions 1 and 2 are no hashes.
    if (positions.has(current.eventId)) break
    positions.set(current.eventId, positions.size)
  }
  return positions
}

/**
 * Finds the mainline position and notes it for all power levels events on the way, so that thousands of events
 * that rest on the same ones walk their chain once.
 */
function mainlinePosition(event: RoomEvent, positions: Map<string, number>, source: EventSource): number {
  const walked = new Set<string>()
  let position = OFF_MAINLINE
  for (
    let cited = citedPowerLevels(event, source);
    cited !== undefined;
    cited = citedPowerLevels(cited, source)
  ) {
    const known = positions.get(cited.eventId)
    if (known !== undefined) position = known
    if (known !== undefined || walked.has(cited.eventId)) break
    walked.add(cited.eventId)
  }
  for (const eventId of walked) positions.set(eventId, position)
  return position
}

function citedPowerLevels(event: RoomEvent, source: EventSource): RoomEvent | undefined {
  return citedEvent(event, 'm.room.power_levels', source)
}
