import { declareRoutes, type Routes } from '../../homeserver/http/endpoint.ts'
import type { ClientApiContext } from '../context.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'
import { getPublicRooms, postPublicRooms } from './public-rooms.ts'
import { getRoomVisibility, putRoomVisibility } from './room-visibility.ts'

const V3 = '/_matrix/client/v3'

/** The public directory of rooms. */
export function directoryRoutes(
  context: ClientApiContext,
  { open, optional, guest, user }: ClientEndpoints,
): Routes {
  return declareRoutes()
    .get(`${V3}/publicRooms`, optional(getPublicRooms(context)))
    .post(`${V3}/publicRooms`, guest(postPublicRooms(context)))
    .get(`${V3}/directory/list/room/:roomId`, open(getRoomVisibility(context)))
    .put(`${V3}/directory/list/room/:roomId`, user(putRoomVisibility(context)))
}
