import type { IncomingRequest } from '../../homeserver/http/incoming-request.ts'
import { noSuchMedia } from '../../homeserver/media/media-errors.ts'
import { isMediaId, type MxcUri } from '../../protocol/identifiers/mxc-uri.ts'
import { isServerName } from '../../protocol/identifiers/server-name.ts'

/**
 * The content URI that a path names.
 *
 * @throws MatrixError 404 M_NOT_FOUND for what breaks the grammar of either part: such media cannot exist.
 */
export function mxcOf(request: IncomingRequest): MxcUri {
  const uri = { serverName: request.param('serverName'), mediaId: request.param('mediaId') }
  if (isServerName(uri.serverName) && isMediaId(uri.mediaId)) return uri
  throw noSuchMedia('This is not a content URI')
}
