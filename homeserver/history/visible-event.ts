import type { StoredEvent } from '../../storage/events/stored-event.ts'
import type { RoomNid } from '../../storage/numeric-ids.ts'
import { findMembership } from '../../storage/rooms/membership-reader.ts'
import type { SyncServices } from '../sync/sync-services.ts'
import { sightOf, type Sighting } from './event-sight.ts'
import type { Viewer } from './read-services.ts'

/** An event of a room that a user may see; undefined where there is none, whatever the reason. */
export async function findVisibleEvent(
  services: SyncServices,
  viewer: Viewer,
  roomId: string,
  eventId: string,
): Promise<{ readonly stored: StoredEvent; readonly sighting: Sighting } | undefined> {
  const stored = await services.events.byId(eventId)
  if (stored?.event.roomId !== roomId) return undefined
  if (await isForgotten(services, viewer, stored.roomNid)) return undefined
  const view = await services.views.of(viewer.userNid)
  const sightings = await sightOf(services, services.openHistories, viewer, view.rooms, [stored])
  const sighting = sightings.get(stored.eventNid)
  return sighting?.visible ? { stored, sighting } : undefined
}

/** What a user has forgotten is closed to them, as if they had never been there. */
async function isForgotten(services: SyncServices, { userNid }: Viewer, roomNid: RoomNid): Promise<boolean> {
  const { rooms } = await services.views.of(userNid)
  if (rooms.get(roomNid)?.membership === 'join') return false
  return (await findMembership(services.queries, userNid, roomNid))?.forgotten ?? false
}
