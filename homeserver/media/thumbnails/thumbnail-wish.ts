import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import type { StoredMedia } from '../../../storage/media/media.ts'
import type { StoredThumbnail, ThumbnailForm } from '../../../storage/media/thumbnails.ts'
import type { IncomingRequest } from '../../http/incoming-request.ts'
import { contentDisposition } from '../serving/content-disposition.ts'
import { flagOf } from '../serving/query.ts'

/** More than any screen has. */
const MAX_SIDE = 32_767

/**
 * Which thumbnail a request asks for.
 *
 * @throws MatrixError 400 M_MISSING_PARAM, M_INVALID_PARAM.
 */
export function thumbnailWish(request: IncomingRequest): ThumbnailForm {
  const method = request.query('method') ?? 'scale'
  if (method !== 'crop' && method !== 'scale') {
    throw new MatrixError(400, 'M_INVALID_PARAM', '`method` must be crop or scale')
  }
  return {
    width: sideOf(request, 'width'),
    height: sideOf(request, 'height'),
    method,
    animated: flagOf(request, 'animated', false),
  }
}

function sideOf(request: IncomingRequest, name: string): number {
  const text = request.query(name)
  if (text === undefined) throw new MatrixError(400, 'M_MISSING_PARAM', `\`${name}\` is missing`)
  const pixels = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (pixels >= 1 && pixels <= MAX_SIDE) return pixels
  throw new MatrixError(400, 'M_INVALID_PARAM', `\`${name}\` must be a number of pixels`)
}

/** What is served as a thumbnail: one that was made, or the image itself. */
export function servedThumbnail(
  media: StoredMedia,
  found: StoredThumbnail | 'original',
): StoredThumbnail & { readonly headers: Readonly<Record<string, string>> } {
  const thumbnail =
    found === 'original'
      ? { blob: media.blob, size: media.size, contentType: media.sniffedType ?? 'image/png' }
      : found
  const ending = thumbnail.contentType.slice('image/'.length)
  return {
    ...thumbnail,
    headers: {
      'Content-Type': thumbnail.contentType,
      'Content-Disposition': contentDisposition('inline', `thumbnail.${ending}`),
    },
  }
}
