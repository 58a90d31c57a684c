import { readPowerLevels } from '../auth-rules/power-levels.ts'
import type { PowerLevel } from '../auth-rules/power-level-value.ts'
import type { RoomEvent } from '../events/room-event.ts'
import { citedEvent, createEventOf, type EventSource } from './event-source.ts'

/**
 * The power of an event's sender by the event's own auth events, infinite for a creator from version 12 on. This
 * is the power that the ordering compares (rooms/fragments/v2-state-res.md, "Reverse topological power ordering").
 */
export function senderPower(event: RoomEvent, source: EventSource): PowerLevel {
  const create = createEventOf(event, source)
  const powerLevels = citedEvent(event, 'm.room.power_levels', source)
  return readPowerLevels(create, powerLevels).powerOf(event.sender)
}
