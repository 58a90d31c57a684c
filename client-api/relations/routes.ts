import { declareRoutes, type Routes } from '../../homeserver/http/endpoint.ts'
import type { ClientApiContext } from '../context.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'
import { getRelations } from './relations.ts'
import { getThreads } from './threads.ts'

/** Events that relate to others, and threads. */
export function relationRoutes(context: ClientApiContext, { guest }: ClientEndpoints): Routes {
  const ofEvent = '/_matrix/client/v1/rooms/:roomId/relations/:eventId'
  return declareRoutes()
    .get(ofEvent, guest(getRelations(context, [])))
    .get(`${ofEvent}/:relType`, guest(getRelations(context, ['relType'])))
    .get(`${ofEvent}/:relType/:eventType`, guest(getRelations(context, ['relType', 'eventType'])))
    .get('/_matrix/client/v1/rooms/:roomId/threads', guest(getThreads(context)))
}
