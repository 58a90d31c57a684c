import { nothing } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { ClientApiContext } from '../context.ts'
import type { AppServiceSession } from '../http/client-endpoints.ts'
import { requiredText } from '../http/body-fields.ts'
import { roomIdOf } from '../rooms/room-id-of.ts'

/** An identifier of a network; longer ones nobody has. */
const MAX_NETWORK_LENGTH = 255

/** `PUT /directory/list/appservice/{networkId}/{roomId}` (application service API, "Published room directories"). */
export function putNetworkRoom({ rooms, directory }: ClientApiContext): Handler<AppServiceSession> {
  return async (request, { appService }) => {
    const networkId = request.param('networkId')
    if (networkId === '' || networkId.length > MAX_NETWORK_LENGTH) {
      throw new MatrixError(
        400,
        'M_INVALID_PARAM',
        `Networks have ids of at most ${MAX_NETWORK_LENGTH} characters`,
      )
    }
    const roomId = roomIdOf(request)
    const visibility = requiredText(await request.object(), 'visibility')
    if (visibility !== 'public' && visibility !== 'private') {
      throw new MatrixError(400, 'M_INVALID_PARAM', '`visibility` must be public or private')
    }
    const room = await rooms.writer.open(roomId)
    if (!room) throw new MatrixError(404, 'M_NOT_FOUND', 'This server is not in the room')
    const network = { appserviceId: appService.id, networkId }
    await directory.published.setInNetwork(room.head.roomNid, network, visibility === 'public')
    return nothing()
  }
}
