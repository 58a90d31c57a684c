import type { EphemeralBus } from '../../../homeserver/ephemeral/ephemeral-bus.ts'
import { isUserId, serverOf } from '../../../protocol/identifiers/user-id.ts'
import { ownValue } from '../../../protocol/json/value.ts'
import type { InboundContext } from '../inbound-context.ts'
import { joinedRoom } from '../resident-room.ts'
import { isAllowedByAcl } from '../server-acl.ts'
import type { EduHandler } from './edu-handler.ts'
import { joinedAmong } from './joined-among.ts'

/** The message says for how long nothing; a server says it again while its user goes on. */
const TYPING_MS = 60_000

/** `m.typing`: who types in rooms that this server is in (server-server API, "Typing Notifications"). */
export function typingHandler(
  context: Pick<InboundContext, 'rooms' | 'writer'>,
  bus: Pick<EphemeralBus, 'setTyping'>,
): EduHandler {
  return async (origin, content) => {
    const roomId = ownValue(content, 'room_id')
    const userId = ownValue(content, 'user_id')
    const typing = ownValue(content, 'typing')
    if (typeof roomId !== 'string' || typeof userId !== 'string' || typeof typing !== 'boolean') return
    if (!isUserId(userId) || serverOf(userId) !== origin) return
    const room = await joinedRoom(context, roomId)
    if (!room || !(await isAllowedByAcl(room, origin))) return
    if (!(await joinedAmong(context.rooms, room, [userId])).has(userId)) return
    bus.setTyping(roomId, userId, typing ? TYPING_MS : undefined)
  }
}
