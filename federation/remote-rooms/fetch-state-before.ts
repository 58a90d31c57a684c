import type { RoomEvent, SignedPdu } from '../../protocol/events/room-event.ts'
import { fetchEventsById } from './fetch-events-by-id.ts'
import type { RemoteRoomDependencies } from './remote-room-dependencies.ts'
import { ToldEvents } from './told-events.ts'
import type { RoomOfVersion } from './verified-events.ts'

/** A state of a room as another server tells it, verified and not yet judged. */
export interface ToldState {
  readonly state: readonly SignedPdu[]
  readonly authChain: readonly SignedPdu[]
}

/** Beyond this, one large answer is cheaper than a request for each event. */
const MAX_SINGLE_EVENTS = 50

/** The state before an event and its auth chain. See `RoomFetcher`. */
export async function fetchStateBefore(
  dependencies: RemoteRoomDependencies,
  room: RoomOfVersion,
  eventId: string,
  from: string,
): Promise<ToldState> {
  const { stateIds, authChainIds } = await dependencies.client.getStateIds(from, room.roomId, eventId)
  const ids = [...new Set([...stateIds, ...authChainIds])]
  const known = await eventsHere(dependencies, room, ids)
  const missing = ids.filter((id) => !known.has(id))
  if (missing.length > MAX_SINGLE_EVENTS) return fetchWhole(dependencies, room, eventId, from)
  for (const event of await fetchEventsById(dependencies, room, missing, from))
    known.set(event.eventId, event)
  const pick = (wanted: readonly string[]): SignedPdu[] =>
    wanted.map((id) => known.get(id)).filter((event) => event !== undefined)
  return { state: pick(stateIds), authChain: pick(authChainIds) }
}

/** The state after an event that is not here. See `RoomFetcher`. */
export async function fetchStateAfter(
  dependencies: RemoteRoomDependencies,
  room: RoomOfVersion,
  eventId: string,
  from: string,
): Promise<ToldState> {
  const before = await fetchStateBefore(dependencies, room, eventId, from)
  const [event] = await fetchEventsById(dependencies, room, [eventId], from)
  // What cannot be had is nobody's state, as an event that the rules refuse.
  if (event?.stateKey === undefined) return before
  return { state: [...before.state, event], authChain: before.authChain }
}

async function fetchWhole(
  dependencies: RemoteRoomDependencies,
  room: RoomOfVersion,
  eventId: string,
  from: string,
): Promise<ToldState> {
  const told = new ToldEvents(dependencies, room)
  await dependencies.client.getState(from, room.roomId, eventId, told.take)
  return { state: await told.of('pdus'), authChain: await told.of('auth_chain') }
}

async function eventsHere(
  { events }: RemoteRoomDependencies,
  { roomId }: RoomOfVersion,
  eventIds: readonly string[],
): Promise<Map<string, SignedPdu>> {
  const stored = [...(await events.byIds(eventIds)).values()].filter(({ event }) => event.roomId === roomId)
  return new Map(stored.map(({ event }) => [event.eventId, asSigned(event)]))
}

/** Nothing is stored whose signatures have not been verified. */
function asSigned(stored: RoomEvent): SignedPdu {
  return stored as SignedPdu
}
