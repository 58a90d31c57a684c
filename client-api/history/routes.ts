import { declareRoutes, type Routes } from '../../homeserver/http/endpoint.ts'
import type { ClientApiContext } from '../context.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'
import { getContext } from './context.ts'
import { getEvent } from './event.ts'
import { getMessages } from './messages.ts'

/** Reading the history of rooms. */
export function historyRoutes(context: ClientApiContext, { guest }: ClientEndpoints): Routes {
  return declareRoutes()
    .get('/_matrix/client/v3/rooms/:roomId/messages', guest(getMessages(context)))
    .get('/_matrix/client/v3/rooms/:roomId/context/:eventId', guest(getContext(context)))
    .get('/_matrix/client/v3/rooms/:roomId/event/:eventId', guest(getEvent(context)))
}
