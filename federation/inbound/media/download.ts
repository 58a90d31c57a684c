import { declareRoutes, type Handler, type Routes } from '../../../homeserver/http/endpoint.ts'
import type { IncomingRequest } from '../../../homeserver/http/incoming-request.ts'
import { findContent } from '../../../homeserver/media/find-content.ts'
import { noSuchMedia } from '../../../homeserver/media/media-errors.ts'
import type { MediaServices } from '../../../homeserver/media/media-services.ts'
import { contentHeaders } from '../../../homeserver/media/serving/content-headers.ts'
import { timeoutOf } from '../../../homeserver/media/serving/query.ts'
import { isMediaId, type MxcUri } from '../../../protocol/identifiers/mxc-uri.ts'
import type { FederationCaller } from '../authenticate.ts'
import { mediaPartsAnswer } from './media-parts-answer.ts'
import { signedEndpoint, type RequestGate } from '../signed-endpoint.ts'

/** `GET /_matrix/federation/v1/media/download/{mediaId}`: this server's own media for other servers. */
export function downloadRoutes(gate: RequestGate, media: MediaServices): Routes {
  return declareRoutes().get(
    '/_matrix/federation/v1/media/download/:mediaId',
    signedEndpoint(gate, download(media)),
  )
}

function download(media: MediaServices): Handler<FederationCaller> {
  return async (request) => {
    const wish = { timeoutMs: timeoutOf(request), remoteFor: undefined, proved: true }
    const content = await findContent(media, ownUri(media, request), wish)
    return mediaPartsAnswer(contentHeaders(content), await media.blobs.read(content.blob), content.size)
  }
}

/** The content URI of an id, which is always of this server. @throws MatrixError 404 for what is no id. */
export function ownUri({ serverName }: MediaServices, request: IncomingRequest): MxcUri {
  const mediaId = request.param('mediaId')
  if (!isMediaId(mediaId)) throw noSuchMedia('This is not a media id')
  return { serverName, mediaId }
}
