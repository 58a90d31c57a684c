import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { SyncServices } from '../sync/sync-services.ts'
import { loadPresenter } from './event-presenter.ts'
import type { Viewer } from './read-services.ts'
import { findVisibleEvent } from './visible-event.ts'

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
  const visible = await findVisibleEvent(services, viewer, roomId, eventId)
  if (!visible) throw new MatrixError(404, 'M_NOT_FOUND', 'There is no such event, or you may not see it')
  const { stored, sighting } = visible
  const { replacedState, sent } = services
  const presenter = await loadPresenter(services, replacedState, sent, viewer, [stored], [stored])
  return presenter.present(stored, 'full', sighting.membership)
}
