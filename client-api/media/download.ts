import type { Session } from '../../homeserver/accounts/sessions.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import { findContent, type ContentWish } from '../../homeserver/media/find-content.ts'
import type { MediaServices } from '../../homeserver/media/media-services.ts'
import { cleanFileName } from '../../homeserver/media/serving/content-disposition.ts'
import { contentHeaders } from '../../homeserver/media/serving/content-headers.ts'
import { flagOf, timeoutOf } from '../../homeserver/media/serving/query.ts'
import { addressKey } from '../../homeserver/rate-limits/address-key.ts'
import type { IncomingRequest } from '../../homeserver/http/incoming-request.ts'
import { contentAnswer } from './content-answer.ts'
import { mxcOf } from './media-request.ts'

/**
 * `GET /_matrix/client/v1/media/download/{serverName}/{mediaId}`, also with a file name that takes the place of the
 * uploader's (client-server API, "Content repository").
 */
export function downloadMedia(media: MediaServices, named: boolean): Handler<Session> {
  return (request) => answerContent(media, request, named, provedWish(request))
}

/** The same at `/_matrix/media/v3/download/…`, without a token: for what was stored before the freeze. */
export function downloadOldMedia(media: MediaServices, named: boolean): Handler<undefined> {
  return (request) => answerContent(media, request, named, unprovedWish(request))
}

/** What those who are logged in may see. */
export function provedWish(request: IncomingRequest): ContentWish {
  const remoteFor = addressKey(request.clientAddress)
  return { timeoutMs: timeoutOf(request), remoteFor, proved: true }
}

/** What the endpoints without a token may show. */
export function unprovedWish(request: IncomingRequest): ContentWish {
  const mayAsk = flagOf(request, 'allow_remote', true)
  const remoteFor = mayAsk ? addressKey(request.clientAddress) : undefined
  return { timeoutMs: timeoutOf(request), remoteFor, proved: false }
}

async function answerContent(
  media: MediaServices,
  request: IncomingRequest,
  named: boolean,
  wish: ContentWish,
) {
  const content = await findContent(media, mxcOf(request), wish)
  const fileName = named ? cleanFileName(request.param('fileName')) : content.fileName
  return contentAnswer(request, media.blobs, {
    blob: content.blob,
    size: content.size,
    tag: content.sha256.toString('base64url'),
    headers: contentHeaders({ ...content, fileName }),
    shared: !wish.proved,
  })
}
