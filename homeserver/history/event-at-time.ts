import type { StoredEvent } from '../../storage/events/stored-event.ts'
import { gapsBelow, type Direction } from '../../storage/history/history-reader.ts'
import type { RemoteServers } from '../rooms/remote-servers.ts'
import type { SyncServices } from '../sync/sync-services.ts'
import { sightOf } from './event-sight.ts'
import { nearestEvent } from './nearest-event.ts'
import type { Viewer } from './read-services.ts'
import type { RoomAccess } from './room-access.ts'

/** A page of history, as other servers give it. */
const EVENTS_A_PAGE = 100
/** Pages that one request fetches to reach a time that lies in a gap; the next request goes on from there. */
const MAX_PAGES = 5

/** Which event a user looks for. */
export interface TimeWish {
  /** Milliseconds since the epoch. */
  readonly ts: number
  readonly direction: Direction
}

/**
 * Finds the event nearest to a time that a user may see (client-server API, `timestamp_to_event`). Where the time
 * lies in a gap of the stored history, the gap is filled from other servers first, so that what is found stands in
 * the history and can be paged from.
 *
 * @returns undefined where there is none.
 */
export async function eventAtTime(
  services: SyncServices,
  remote: Pick<RemoteServers, 'backfill'> | undefined,
  viewer: Viewer,
  access: RoomAccess,
  { ts, direction }: TimeWish,
): Promise<StoredEvent | undefined> {
  const { roomId, roomNid, rooms } = access
  for (let page = 0; remote && page < MAX_PAGES; page++) {
    const above = await childAbove(services, access, ts)
    if (!above || (await remote.backfill(roomId, [above], EVENTS_A_PAGE)) === 0) break
  }
  return nearestEvent(services, roomNid, ts, direction, async (candidates) => {
    const sight = await sightOf(services, services.openHistories, viewer, rooms, candidates)
    return candidates.filter(({ eventNid }) => sight.get(eventNid)?.visible)
  })
}

/** The first event after a time, if what comes before it is missing here: then the time lies in that gap. */
async function childAbove(
  services: SyncServices,
  { roomNid }: RoomAccess,
  ts: number,
): Promise<string | undefined> {
  const next = await nearestEvent(services, roomNid, ts, 'f', (candidates) => Promise.resolve(candidates))
  if (next?.historyPos === undefined) return undefined
  const [gap] = await gapsBelow(services.queries, roomNid, next.historyPos, next.historyPos, 1)
  return gap?.eventId
}
