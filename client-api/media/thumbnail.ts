import type { Session } from '../../homeserver/accounts/sessions.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import type { IncomingRequest } from '../../homeserver/http/incoming-request.ts'
import { findContent, type ContentWish } from '../../homeserver/media/find-content.ts'
import type { MediaServices } from '../../homeserver/media/media-services.ts'
import { servedThumbnail, thumbnailWish } from '../../homeserver/media/thumbnails/thumbnail-wish.ts'
import { contentAnswer } from './content-answer.ts'
import { provedWish, unprovedWish } from './download.ts'
import { mxcOf } from './media-request.ts'

/** `GET /_matrix/client/v1/media/thumbnail/{serverName}/{mediaId}` (client-server API, "Thumbnails"). */
export function thumbnailMedia(media: MediaServices): Handler<Session> {
  return (request) => answerThumbnail(media, request, provedWish(request))
}

/** The same at `/_matrix/media/v3/thumbnail/…`, without a token: for what was stored before the freeze. */
export function thumbnailOldMedia(media: MediaServices): Handler<undefined> {
  return (request) => answerThumbnail(media, request, unprovedWish(request))
}

async function answerThumbnail(media: MediaServices, request: IncomingRequest, wish: ContentWish) {
  const form = thumbnailWish(request)
  const content = await findContent(media, mxcOf(request), wish)
  const served = servedThumbnail(content, await media.thumbnails.find(media, content, form))
  const tag = `${content.sha256.toString('base64url')}-${served.blob.replaceAll('/', '')}`
  return contentAnswer(request, media.blobs, { ...served, tag, shared: !wish.proved })
}
