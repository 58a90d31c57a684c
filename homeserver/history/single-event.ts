import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { RoomNid } from '../../storage/numeric-ids.ts'
import { findMembership } from '../../storage/rooms/membership-reader.ts'
import type { SyncServices } from '../sync/sync-services.ts'
import { loadPresenter } from './event-presenter.ts'
import { sightOf } from './event-sight.ts'
import type { Viewer } from './read-services.ts'

/**
 * One event of a room as JSON text (client-server API, `GET /rooms/{roomId}/event/{eventId}`).
 *
 * @throws MatrixError 404 M_NOT_FOUND when there is none that the user may see.
 */
export async function readSingleEvent(
  services: SyncServices,
  viewer: Viewer,
  roomId: string,
  eventId: string,
): Promise<string> {
  const stored = await services.events.byId(eventId)
  if (stored?.event.roomId === roomId && !(await isForgotten(services, viewer, stored.roomNid))) {
    const view = await services.views.of(viewer.userNid)
    const sightings = await sightOf(services, services.openHistories, viewer, view.rooms, [stored])
    const sighting = sightings.get(stored.eventNid)
    if (sighting?.visible) {
      const { replacedState, sent } = services
      const presenter = await loadPresenter(services, replacedState, sent, viewer, [stored], [stored])
      return presenter.present(stored, 'full', sighting.membership)
    }
  }
  throw new MatrixError(404, 'M_NOT_FOUND', 'There is no such event, or you may not see it')
}

/** What a user has forgotten is closed to them, as if they had never been there. */
async function isForgotten(services: SyncServices, { userNid }: Viewer, roomNid: RoomNid): Promise<boolean> {
  const { rooms } = await services.views.of(userNid)
  if (rooms.get(roomNid)?.membership === 'join') return false
  return (await findMembership(services.queries, userNid, roomNid))?.forgotten ?? false
}
