import type { Session } from '../../homeserver/accounts/sessions.ts'
import { jsonText } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import type { MediaServices } from '../../homeserver/media/media-services.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'

/**
 * `GET /_matrix/client/v1/media/preview_url`: what a page says of itself. Of the points in time for which `ts` asks
 * only the present is known.
 */
export function previewUrl(media: MediaServices): Handler<Session> {
  return async (request) => {
    if (!media.urlPreviews) throw new MatrixError(404, 'M_UNRECOGNIZED', 'This server makes no previews')
    const url = request.query('url')
    if (url === undefined) throw new MatrixError(400, 'M_MISSING_PARAM', '`url` is missing')
    return jsonText(await media.urlPreviews.preview(media, url))
  }
}
