import { MAX_TYPE_LENGTH, readMessages } from '../../../e2ee/to-device/messages.ts'
import { receiveToDevices } from '../../../e2ee/to-device/send-to-device.ts'
import type { ToDeviceServices } from '../../../e2ee/to-device/to-device-services.ts'
import type { RateLimits } from '../../../homeserver/rate-limits/rate-limits.ts'
import { isUserId, serverOf } from '../../../protocol/identifiers/user-id.ts'
import { isJsonObject, ownValue } from '../../../protocol/json/value.ts'
import type { EduHandler } from '../edus/edu-handler.ts'

/** Characters; the specification allows 32, and servers have sent longer ones. */
const MAX_MESSAGE_ID_LENGTH = 255

/** `m.direct_to_device`: messages for our devices (server-server API, "Send-to-device messaging"). */
export function directToDeviceHandler(
  services: ToDeviceServices,
  limits: Pick<RateLimits, 'keyRequests'>,
): EduHandler {
  return async (origin, content) => {
    const sender = ownValue(content, 'sender')
    const type = ownValue(content, 'type')
    const messageId = ownValue(content, 'message_id')
    const body = ownValue(content, 'messages')
    if (typeof sender !== 'string' || !isUserId(sender) || serverOf(sender) !== origin) return
    if (typeof type !== 'string' || type.length > MAX_TYPE_LENGTH) return
    if (typeof messageId !== 'string' || messageId.length > MAX_MESSAGE_ID_LENGTH) return
    const messages = isJsonObject(body) ? readMessages(body) : 'shape'
    if (typeof messages === 'string') return
    // A transaction is taken whole: requests beyond the limit are passed over, and clients ask again.
    if (type === 'm.room_key_request' && !limits.keyRequests.take(origin)) return
    await receiveToDevices(services, { origin, messageId, sender, type, messages })
  }
}
