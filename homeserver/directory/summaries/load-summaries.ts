import type { RoomEvent } from '../../../protocol/events/room-event.ts'
import { joinedCountsWhereResident, stateOfRooms } from '../../../storage/directory/directory-reader.ts'
import type { RoomNid } from '../../../storage/numeric-ids.ts'
import { shownEvent } from '../../history/event-text.ts'
import type { RoomServices } from '../../rooms/room-services.ts'
import type { RoomSummary } from './room-summary.ts'
import { SUMMARISED_TYPES, summariseState } from './summarise-state.ts'

export type SummaryServices = Pick<RoomServices, 'serverName' | 'queries' | 'interner' | 'events'>

/** Summarises those of these rooms that this server is in: three queries, whatever the number of rooms. */
export async function loadSummaries(
  { serverName, queries, interner, events }: SummaryServices,
  roomNids: readonly RoomNid[],
): Promise<Map<RoomNid, RoomSummary>> {
  const serverNid = await interner.findServerNid(serverName)
  if (serverNid === undefined) return new Map()
  const counts = await joinedCountsWhereResident(queries, serverNid, roomNids)
  const types = await interner.findTypeNids(SUMMARISED_TYPES)
  const noKey = await interner.stateKeyNid('')
  const places = await stateOfRooms(queries, [...counts.keys()], [...types.values()], noKey)
  const states = new Map<RoomNid, Map<string, RoomEvent>>()
  for (const stored of (await events.byPlaces(places)).values()) {
    const state = states.get(stored.roomNid) ?? new Map<string, RoomEvent>()
    state.set(stored.event.type, shownEvent(stored))
    states.set(stored.roomNid, state)
  }
  const summaries = new Map<RoomNid, RoomSummary>()
  for (const [roomNid, joined] of counts) {
    const summary = summariseState(states.get(roomNid) ?? new Map<string, RoomEvent>(), joined)
    if (summary) summaries.set(roomNid, summary)
  }
  return summaries
}
