import { declareRoutes, type Routes } from '../../homeserver/http/endpoint.ts'
import type { AccountApiContext } from '../context.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'
import { getRestriction, putRestriction } from './restriction.ts'
import { whoIs } from './who-is.ts'

const LOCK = '/_matrix/client/v1/admin/lock/:userId'
const SUSPEND = '/_matrix/client/v1/admin/suspend/:userId'

/** Server administration (client-server API). */
export function adminRoutes(context: AccountApiContext, { admin, user }: ClientEndpoints): Routes {
  return declareRoutes()
    .get(LOCK, admin(getRestriction(context, 'locked')))
    .put(LOCK, admin(putRestriction(context, 'locked')))
    .get(SUSPEND, admin(getRestriction(context, 'suspended')))
    .put(SUSPEND, admin(putRestriction(context, 'suspended')))
    .get('/_matrix/client/v3/admin/whois/:userId', user(whoIs(context)))
    .get('/_matrix/client/v1/admin/whois/:userId', user(whoIs(context)))
}
