import { declareRoutes, type Routes } from '../../homeserver/http/endpoint.ts'
import type { ClientApiContext } from '../context.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'
import { getDelayedEvent, getDelayedEvents } from './get-delayed-events.ts'
import { postDelayAction, postDelayActionInBody, postUnstableDelayAction } from './manage-delayed-event.ts'
import { putDelayedEvent } from './put-delayed-event.ts'

const UNSTABLE = '/_matrix/client/unstable/org.matrix.msc4140'
const DELAYED = '/_matrix/client/v1/delayed_events'
const SCHEDULE = 'rooms/:roomId/delayed_event/:eventType/:txnId'

/** Delayed events (MSC4140), in the accepted form and in the one that clients use meanwhile. Guests make calls too. */
export function delayedEventRoutes(context: ClientApiContext, { guest, open }: ClientEndpoints): Routes {
  return declareRoutes()
    .put(`/_matrix/client/v3/${SCHEDULE}`, guest(putDelayedEvent(context)))
    .put(`${UNSTABLE}/${SCHEDULE}`, guest(putDelayedEvent(context)))
    .get(DELAYED, guest(getDelayedEvents(context, 'stable')))
    .get(`${DELAYED}/:delayId`, guest(getDelayedEvent(context, 'stable')))
    .post(`${DELAYED}/:delayId/:action`, guest(postDelayAction(context)))
    .get(`${UNSTABLE}/delayed_events`, guest(getDelayedEvents(context, 'unstable')))
    .get(`${UNSTABLE}/delayed_events/:delayId`, guest(getDelayedEvent(context, 'unstable')))
    .post(`${UNSTABLE}/delayed_events/:delayId`, open(postDelayActionInBody(context)))
    .post(`${UNSTABLE}/delayed_events/:delayId/:action`, open(postUnstableDelayAction(context)))
}
