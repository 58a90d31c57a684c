import { randomBytes } from 'node:crypto'
import { serverOf } from '../../protocol/identifiers/user-id.ts'
import type { RemoteMessages } from '../../storage/e2ee/to-device-write.ts'
import type { TargetedMessage } from './messages.ts'
import type { ToDeviceServices } from './to-device-services.ts'

/** Characters of messages in one EDU. A transaction takes a hundred of them, and servers bound its size. */
const MAX_EDU_LENGTH = 65_536
/** Sixteen bytes are 22 characters; the specification allows 32 (server-server API, "Send-to-device messaging"). */
const MESSAGE_ID_BYTES = 16

/** The messages for users of other servers, as each server gets them. */
export async function remoteMessages(
  { interner }: Pick<ToDeviceServices, 'interner'>,
  sender: string,
  type: string,
  messages: readonly TargetedMessage[],
): Promise<RemoteMessages[]> {
  const byServer = Map.groupBy(messages, ({ userId }) => serverOf(userId))
  const serverNids = await interner.serverNids(byServer.keys())
  return Array.from(byServer, ([server, ofServer]) =>
    portions(ofServer).map((portion) => ({
      serverNid: serverNids.get(server)!,
      serverName: server,
      edu: JSON.stringify({
        sender,
        type,
        message_id: randomBytes(MESSAGE_ID_BYTES).toString('base64url'),
        messages: byUser(portion),
      }),
    })),
  ).flat()
}

/** Cuts a list before what would make an EDU too long. */
function portions(messages: readonly TargetedMessage[]): TargetedMessage[][] {
  const all: TargetedMessage[][] = []
  let length = Infinity
  for (const message of messages) {
    const own = JSON.stringify([message.userId, message.deviceId, message.content]).length
    if (length + own > MAX_EDU_LENGTH) {
      all.push([])
      length = 0
    }
    all.at(-1)!.push(message)
    length += own
  }
  return all
}

function byUser(messages: readonly TargetedMessage[]): object {
  const users = Map.groupBy(messages, ({ userId }) => userId)
  return Object.fromEntries(
    Array.from(users, ([userId, ofUser]) => [
      userId,
      Object.fromEntries(ofUser.map(({ deviceId, content }) => [deviceId, content])),
    ]),
  )
}
