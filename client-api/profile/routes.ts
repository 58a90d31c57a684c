import { declareRoutes, type Routes } from '../../homeserver/http/endpoint.ts'
import type { AccountApiContext } from '../context.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'
import { getProfile, getProfileField } from './read-profile.ts'
import { deleteProfileField, setProfileField } from './write-profile.ts'

const PREFIXES = ['/_matrix/client/v3/profile', '/_matrix/client/unstable/uk.tcpip.msc4133/profile']

/** Profiles, also under the path by which clients know custom fields from before v1.16. */
export function profileRoutes(context: AccountApiContext, { optional, guest }: ClientEndpoints): Routes {
  const routes = declareRoutes()
  for (const prefix of PREFIXES) {
    routes
      .get(`${prefix}/:userId`, optional(getProfile(context)))
      .get(`${prefix}/:userId/:keyName`, optional(getProfileField(context)))
      .put(`${prefix}/:userId/:keyName`, guest(setProfileField(context)))
      .delete(`${prefix}/:userId/:keyName`, guest(deleteProfileField(context)))
  }
  return routes
}
