import { MAX_TYPE_LENGTH, readMessages } from '../../../e2ee/to-device/messages.ts'
import { receiveToDevices, type ReceivedMessages } from '../../../e2ee/to-device/send-to-device.ts'
import type { ToDeviceServices } from '../../../e2ee/to-device/to-device-services.ts'
import type { RateLimits } from '../../../homeserver/rate-limits/rate-limits.ts'
import { isUserId, serverOf } from '../../../protocol/identifiers/user-id.ts'
import { isJsonObject, ownValue, type JsonObject } from '../../../protocol/json/value.ts'
import type { VerifiedOrigin } from '../authenticate.ts'
import type { EduRunHandler } from '../edus/edu-handler.ts'

/** Characters; the specification allows 32, and servers have sent longer ones. */
const MAX_MESSAGE_ID_LENGTH = 255

/** `m.direct_to_device`: messages for our devices (server-server API, "Send-to-device messaging"). */
export function directToDeviceHandler(
  services: ToDeviceServices,
  limits: Pick<RateLimits, 'keyRequests'>,
): EduRunHandler {
  return async (origin, contents) => {
    const read = contents.flatMap((content) => readEdu(origin, content) ?? [])
    // A transaction is taken whole: requests beyond the limit are passed over, and clients ask again.
    const within = read.filter(({ type }) => type !== 'm.room_key_request' || limits.keyRequests.take(origin))
    await receiveToDevices(services, within)
  }
}

function readEdu(origin: VerifiedOrigin, content: JsonObject): ReceivedMessages | undefined {
  const sender = ownValue(content, 'sender')
  const type = ownValue(content, 'type')
  const messageId = ownValue(content, 'message_id')
  const body = ownValue(content, 'messages')
  if (typeof sender !== 'string' || !isUserId(sender) || serverOf(sender) !== origin) return undefined
  if (typeof type !== 'string' || type.length > MAX_TYPE_LENGTH) return undefined
  if (typeof messageId !== 'string' || messageId.length > MAX_MESSAGE_ID_LENGTH) return undefined
  const messages = isJsonObject(body) ? readMessages(body) : 'shape'
  if (typeof messages === 'string') return undefined
  return { origin, messageId, sender, type, messages }
}
