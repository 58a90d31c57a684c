import { declareRoutes, type Routes } from '../../homeserver/http/endpoint.ts'
import type { AccountApiContext } from '../context.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'
import { changePasswordOf } from './change-password.ts'
import { deactivate } from './deactivate.ts'

/** Managing one's account. */
export function accountManagementRoutes(
  context: AccountApiContext,
  { optional, user }: ClientEndpoints,
): Routes {
  return declareRoutes()
    .post('/_matrix/client/v3/account/password', optional(changePasswordOf(context)))
    .post('/_matrix/client/v3/account/deactivate', user(deactivate(context)))
}
