import { declareRoutes, type Routes } from '../../homeserver/http/endpoint.ts'
import type { ClientApiContext } from '../context.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'
import { listSubscriptions } from './list-subscriptions.ts'
import { deleteSubscription, getSubscription, putSubscription } from './subscription.ts'

const UNSTABLE = '/_matrix/client/unstable'
const SUBSCRIPTION = `${UNSTABLE}/io.element.msc4306/rooms/:roomId/thread/:eventId/subscription`

/** Subscriptions to threads (MSC4306, MSC4308), where the configuration switches them on. */
export function threadSubscriptionRoutes(context: ClientApiContext, { user }: ClientEndpoints): Routes {
  if (!context.config.rooms.threadSubscriptions) return declareRoutes()
  return declareRoutes()
    .get(SUBSCRIPTION, user(getSubscription(context)))
    .put(SUBSCRIPTION, user(putSubscription(context)))
    .delete(SUBSCRIPTION, user(deleteSubscription(context)))
    .get(`${UNSTABLE}/io.element.msc4308/thread_subscriptions`, user(listSubscriptions(context)))
}
