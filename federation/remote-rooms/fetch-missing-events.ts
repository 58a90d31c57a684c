import type { SignedPdu } from '../../protocol/events/room-event.ts'
import { causesFirst } from '../../protocol/events/causes-first.ts'
import type { RemoteRoomDependencies } from './remote-room-dependencies.ts'
import { verifiedEvents, type RoomOfVersion } from './verified-events.ts'

/** What servers of all kinds are willing to answer at a time. */
const EVENTS_PER_REQUEST = 20
/** The specification's default: whoever has more answers with no fewer. */
const LEAST_LIMIT = 10
/** A longer gap is bridged by the state before the event, and its history is fetched when somebody reads it. */
const MAX_REQUESTS = 10

/** The events of a gap, causes first. See `RoomFetcher`. */
export async function fetchMissingEvents(
  { client, events, ...verification }: RemoteRoomDependencies,
  room: RoomOfVersion,
  earliest: readonly string[],
  latest: readonly string[],
  from: string,
): Promise<SignedPdu[]> {
  const found = new Map<string, SignedPdu>()
  let edge = [...latest]
  for (let request = 0; request < MAX_REQUESTS && edge.length > 0; request++) {
    const pdus = await client.getMissingEvents(from, {
      roomId: room.roomId,
      earliestEvents: earliest,
      latestEvents: edge,
      limit: EVENTS_PER_REQUEST,
      minDepth: 0,
    })
    const isLast = pdus.length < LEAST_LIMIT
    const fresh = (await verifiedEvents(verification, room, pdus)).filter(
      ({ eventId }) => !found.has(eventId),
    )
    for (const event of fresh) found.set(event.eventId, event)
    if (isLast) break
    const causes = fresh.flatMap((event) => event.prevEvents).filter((id) => !found.has(id))
    const here = await events.byIds(causes)
    const open = new Set(causes.filter((id) => here.get(id)?.stateAfter === undefined))
    edge = fresh.filter((event) => event.prevEvents.some((id) => open.has(id))).map(({ eventId }) => eventId)
  }
  return causesFirst([...found.values()])
}
