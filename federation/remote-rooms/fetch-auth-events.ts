import type { SignedPdu } from '../../protocol/events/room-event.ts'
import { fetchEventsById } from './fetch-events-by-id.ts'
import type { RemoteRoomDependencies } from './remote-room-dependencies.ts'
import type { RoomOfVersion } from './verified-events.ts'

/** An event names ten auth events at most, which lean on a few older ones each; more is a made-up chain. */
const MAX_FETCHED = 200

/** Events by id, and what their auth chains lack here. See `RoomFetcher`. */
export async function fetchAuthEvents(
  dependencies: RemoteRoomDependencies,
  room: RoomOfVersion,
  eventIds: readonly string[],
  from: string,
): Promise<SignedPdu[]> {
  const found = new Map<string, SignedPdu>()
  const asked = new Set<string>()
  let wanted = [...new Set(eventIds)]
  while (wanted.length > 0 && asked.size < MAX_FETCHED) {
    const next = wanted.slice(0, MAX_FETCHED - asked.size)
    for (const eventId of next) asked.add(eventId)
    const events = await fetchEventsById(dependencies, room, next, from)
    for (const event of events) found.set(event.eventId, event)
    const causes = events.flatMap((event) => event.authEvents).filter((id) => !asked.has(id))
    const here = await dependencies.events.byIds(causes)
    wanted = [...new Set(causes)].filter((id) => !here.has(id))
  }
  return [...found.values()]
}
