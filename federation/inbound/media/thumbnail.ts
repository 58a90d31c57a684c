import { declareRoutes, type Handler, type Routes } from '../../../homeserver/http/endpoint.ts'
import { findContent } from '../../../homeserver/media/find-content.ts'
import type { MediaServices } from '../../../homeserver/media/media-services.ts'
import { timeoutOf } from '../../../homeserver/media/serving/query.ts'
import { servedThumbnail, thumbnailWish } from '../../../homeserver/media/thumbnails/thumbnail-wish.ts'
import type { FederationCaller } from '../authenticate.ts'
import { ownUri } from './download.ts'
import { mediaPartsAnswer } from './media-parts-answer.ts'
import { signedEndpoint, type RequestGate } from '../signed-endpoint.ts'

/** `GET /_matrix/federation/v1/media/thumbnail/{mediaId}`: smaller forms of this server's own images. */
export function thumbnailRoutes(gate: RequestGate, media: MediaServices): Routes {
  return declareRoutes().get(
    '/_matrix/federation/v1/media/thumbnail/:mediaId',
    signedEndpoint(gate, thumbnail(media)),
  )
}

function thumbnail(media: MediaServices): Handler<FederationCaller> {
  return async (request) => {
    const form = thumbnailWish(request)
    const wish = { timeoutMs: timeoutOf(request), remoteFor: undefined, proved: true }
    const content = await findContent(media, ownUri(media, request), wish)
    const served = servedThumbnail(content, await media.thumbnails.find(media, content, form))
    return mediaPartsAnswer(served.headers, await media.blobs.read(served.blob), served.size)
  }
}
