import { declareRoutes, type Routes } from '../../homeserver/http/endpoint.ts'
import type { ClientApiContext } from '../context.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'
import { getEvents } from './events.ts'
import { getInitialSync } from './initial-sync.ts'
import { getOneEvent } from './one-event.ts'
import { getRoomInitialSync } from './room-initial-sync.ts'

/** Looking into rooms (room previews module), and the deprecated requests of the same shape. */
export function peekingRoutes(context: ClientApiContext, { guest, user }: ClientEndpoints): Routes {
  return declareRoutes()
    .get('/_matrix/client/v3/events', guest(getEvents(context)))
    .get('/_matrix/client/v3/events/:eventId', user(getOneEvent(context)))
    .get('/_matrix/client/v3/initialSync', user(getInitialSync(context)))
    .get('/_matrix/client/v3/rooms/:roomId/initialSync', guest(getRoomInitialSync(context)))
}
