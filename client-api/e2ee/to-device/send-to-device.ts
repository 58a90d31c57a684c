import { MAX_TYPE_LENGTH, readMessages, type MessagesRefusal } from '../../../e2ee/to-device/messages.ts'
import { sendToDevices } from '../../../e2ee/to-device/send-to-device.ts'
import type { Session } from '../../../homeserver/accounts/sessions.ts'
import { nothing } from '../../../homeserver/http/answer.ts'
import { declareRoutes, type Handler, type Routes } from '../../../homeserver/http/endpoint.ts'
import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { isJsonObject, ownValue } from '../../../protocol/json/value.ts'
import type { ClientApiContext } from '../../context.ts'
import type { ClientEndpoints } from '../../http/client-endpoints.ts'

/** Room keys for some hundred devices, which take two or three kilobytes each. */
const MAX_BODY_BYTES = 4 * 1024 * 1024

const REFUSALS: Readonly<Record<MessagesRefusal, () => MatrixError>> = {
  shape: () => new MatrixError(400, 'M_BAD_JSON', '`messages` must hold objects by user and device'),
  targets: () => new MatrixError(413, 'M_TOO_LARGE', 'The request names too many devices'),
  size: () => new MatrixError(413, 'M_TOO_LARGE', 'A message is too long'),
}

/** `PUT /sendToDevice/{eventType}/{txnId}` (client-server API, "Send-to-Device messaging"). */
export function toDeviceRoutes(context: ClientApiContext, { guest }: ClientEndpoints): Routes {
  return declareRoutes().put('/_matrix/client/v3/sendToDevice/:eventType/:txnId', guest(send(context)))
}

function send({ e2ee, limits }: ClientApiContext): Handler<Session> {
  return async (request, sender) => {
    const type = request.param('eventType')
    if (type.length > MAX_TYPE_LENGTH) {
      throw new MatrixError(400, 'M_INVALID_PARAM', `Types have ${MAX_TYPE_LENGTH} characters at most`)
    }
    const limit = type === 'm.room_key_request' ? limits.keyRequests : limits.toDevice
    limit.consumeFor(sender, JSON.stringify([sender.userId, sender.deviceId]))
    const body = ownValue(await request.object({ maxBytes: MAX_BODY_BYTES }), 'messages')
    if (body === undefined) throw new MatrixError(400, 'M_MISSING_PARAM', '`messages` is missing')
    const messages = isJsonObject(body) ? readMessages(body) : 'shape'
    if (typeof messages === 'string') throw REFUSALS[messages]()
    await sendToDevices(e2ee.toDevice, { sender, type, txnId: request.param('txnId'), messages })
    return nothing()
  }
}
