import { declareRoutes, type Routes } from '../../homeserver/http/endpoint.ts'
import { UNSUBSCRIBE_PATH } from '../../homeserver/push/mail/unsubscribe-links.ts'
import type { ClientApiContext } from '../context.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'
import { readPushers } from './read-pushers.ts'
import { setPusher } from './set-pusher.ts'
import { askToUnsubscribe, unsubscribe } from './unsubscribe.ts'

/** Where users want to be notified. */
export function pusherRoutes(context: ClientApiContext, { open, user }: ClientEndpoints): Routes {
  return declareRoutes()
    .get('/_matrix/client/v3/pushers', user(readPushers(context)))
    .post('/_matrix/client/v3/pushers/set', user(setPusher(context)))
    .get(`/${UNSUBSCRIBE_PATH}`, open(askToUnsubscribe(context)))
    .post(`/${UNSUBSCRIBE_PATH}`, open(unsubscribe(context)))
}
