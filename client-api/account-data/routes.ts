import { declareRoutes, type Routes } from '../../homeserver/http/endpoint.ts'
import type { AccountApiContext } from '../context.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'
import { getAccountData, getRoomAccountData } from './read-account-data.ts'
import {
  deleteAccountData,
  deleteRoomAccountData,
  putAccountData,
  putRoomAccountData,
} from './write-account-data.ts'

const GLOBAL = '/user/:userId/account_data/:type'
const ROOM = '/user/:userId/rooms/:roomId/account_data/:type'
const DELETION_PREFIX = '/_matrix/client/unstable/org.matrix.msc3391'

/** Account data. */
export function accountDataRoutes(context: AccountApiContext, { user }: ClientEndpoints): Routes {
  return declareRoutes()
    .get(`/_matrix/client/v3${GLOBAL}`, user(getAccountData(context)))
    .put(`/_matrix/client/v3${GLOBAL}`, user(putAccountData(context)))
    .get(`/_matrix/client/v3${ROOM}`, user(getRoomAccountData(context)))
    .put(`/_matrix/client/v3${ROOM}`, user(putRoomAccountData(context)))
    .delete(`${DELETION_PREFIX}${GLOBAL}`, user(deleteAccountData(context)))
    .delete(`${DELETION_PREFIX}${ROOM}`, user(deleteRoomAccountData(context)))
}
