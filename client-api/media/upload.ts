import type { Session } from '../../homeserver/accounts/sessions.ts'
import { json, nothing } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import type { IncomingRequest } from '../../homeserver/http/incoming-request.ts'
import { refuseCompressed } from '../../homeserver/http/read-body.ts'
import type { MediaServices } from '../../homeserver/media/media-services.ts'
import { cleanFileName, MAX_FILE_NAME_LENGTH } from '../../homeserver/media/serving/content-disposition.ts'
import { cleanContentType } from '../../homeserver/media/serving/content-type.ts'
import { createMedia, upload, uploadTo, type Upload } from '../../homeserver/media/upload.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { mxcOf } from './media-request.ts'

/** `POST /_matrix/media/v3/upload`. */
export function postUpload(media: MediaServices): Handler<Session> {
  return async (request, session) =>
    json({ content_uri: await upload(media, session, incomingUpload(request)) })
}

/** `POST /_matrix/media/v1/create`: a content URI whose content comes later. */
export function postCreate(media: MediaServices): Handler<Session> {
  return async (_request, session) => {
    const { uri, expiresTs } = await createMedia(media, session)
    return json({ content_uri: uri, unused_expires_at: expiresTs })
  }
}

/** `PUT /_matrix/media/v3/upload/{serverName}/{mediaId}`: the content of such a URI. */
export function putUpload(media: MediaServices): Handler<Session> {
  return async (request, session) => {
    await uploadTo(media, session, mxcOf(request), incomingUpload(request))
    return nothing()
  }
}

/** @throws MatrixError 415 for a compressed body, whose size nobody knows; 400 for a name of excessive length. */
function incomingUpload(request: IncomingRequest): Upload {
  refuseCompressed(request.message)
  const length = request.headers['content-length']
  return {
    body: request.message,
    announcedBytes: length === undefined ? undefined : Number(length),
    contentType: cleanContentType(request.headers['content-type']),
    fileName: fileNameIn(request),
  }
}

function fileNameIn(request: IncomingRequest): string | undefined {
  const name = request.query('filename') ?? ''
  if (name.length <= MAX_FILE_NAME_LENGTH) return cleanFileName(name)
  const bound = `File names may have at most ${MAX_FILE_NAME_LENGTH} characters`
  throw new MatrixError(400, 'M_INVALID_PARAM', bound)
}
