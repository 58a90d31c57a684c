import type { Session } from '../../homeserver/accounts/sessions.ts'
import { json, nothing } from '../../homeserver/http/answer.ts'
import { declareRoutes, type Handler, type Routes } from '../../homeserver/http/endpoint.ts'
import type { IncomingRequest } from '../../homeserver/http/incoming-request.ts'
import type { MediaServices } from '../../homeserver/media/media-services.ts'
import {
  protectOne,
  quarantineInRoom,
  quarantineOfServer,
  quarantineOfUser,
  quarantineOne,
  releaseOne,
} from '../../homeserver/media/quarantine.ts'
import type { MxcUri } from '../../protocol/identifiers/mxc-uri.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'
import { mxcOf } from './media-request.ts'

const ADMIN = '/_synapse/admin/v1'

/** Quarantine of media for administrators, in Synapse's form; by server is our own. */
export function quarantineRoutes(media: MediaServices, { admin }: ClientEndpoints): Routes {
  const own = (request: IncomingRequest): MxcUri => ({
    serverName: media.serverName,
    mediaId: request.param('mediaId'),
  })
  const protect =
    (isProtected: boolean): Handler<Session> =>
    async (request) => {
      await protectOne(media, own(request), isProtected)
      return nothing()
    }
  const ofRoom: Handler<Session> = async (request, { userNid }) =>
    counted(await quarantineInRoom(media, request.param('roomId'), userNid))
  return declareRoutes()
    .post(
      `${ADMIN}/media/quarantine/:serverName/:mediaId`,
      admin(async (request, { userNid }) => {
        await quarantineOne(media, mxcOf(request), userNid)
        return nothing()
      }),
    )
    .post(
      `${ADMIN}/media/unquarantine/:serverName/:mediaId`,
      admin(async (request) => {
        await releaseOne(media, mxcOf(request))
        return nothing()
      }),
    )
    .post(`${ADMIN}/media/protect/:mediaId`, admin(protect(true)))
    .post(`${ADMIN}/media/unprotect/:mediaId`, admin(protect(false)))
    .post(
      `${ADMIN}/user/:userId/media/quarantine`,
      admin(async (request, { userNid }) =>
        counted(await quarantineOfUser(media, request.param('userId'), userNid)),
      ),
    )
    .post(`${ADMIN}/room/:roomId/media/quarantine`, admin(ofRoom))
    .post(`${ADMIN}/quarantine_media/:roomId`, admin(ofRoom))
    .post(
      `${ADMIN}/media/quarantine/:serverName`,
      admin(async (request, { userNid }) =>
        counted(await quarantineOfServer(media, request.param('serverName'), userNid)),
      ),
    )
}

function counted(quarantined: number) {
  return json({ num_quarantined: quarantined })
}
