import {
  isPresenceState,
  MAX_STATUS_LENGTH,
  type PresenceStatus,
} from '../../../homeserver/presence/presence-status.ts'
import type { Presence } from '../../../homeserver/presence/presence.ts'
import { isUserId, serverOf } from '../../../protocol/identifiers/user-id.ts'
import { isJsonObject, ownValue, type JsonObject, type JsonValue } from '../../../protocol/json/value.ts'
import type { Interner } from '../../../storage/interning/interner.ts'
import type { VerifiedOrigin } from '../authenticate.ts'
import type { EduHandler } from './edu-handler.ts'

/** Users of one message; servers send fifty at most. */
const MAX_USERS = 100

interface ToldPresence {
  readonly userId: string
  readonly status: PresenceStatus
}

/** `m.presence`: how users of other servers are (server-server API, "Presence"). Unknown users are passed over. */
export function presenceHandler(
  interner: Pick<Interner, 'findUserNids'>,
  presence: Pick<Presence, 'hear' | 'now'>,
): EduHandler {
  return async (origin, content) => {
    const push = ownValue(content, 'push')
    if (!Array.isArray(push)) return
    const now = presence.now()
    const told = push.slice(0, MAX_USERS).flatMap((entry) => readPresence(entry, origin, now))
    const userNids = await interner.findUserNids(told.map(({ userId }) => userId))
    for (const { userId, status } of told) {
      const userNid = userNids.get(userId)
      if (userNid !== undefined) presence.hear({ userNid, userId }, status)
    }
  }
}

/** Nothing for users of whom the server may not speak. */
function readPresence(entry: JsonValue, origin: VerifiedOrigin, now: number): ToldPresence[] {
  if (!isJsonObject(entry)) return []
  const userId = ownValue(entry, 'user_id')
  const presence = ownValue(entry, 'presence')
  if (typeof userId !== 'string' || !isUserId(userId) || serverOf(userId) !== origin) return []
  if (!isPresenceState(presence)) return []
  const statusMsg = ownValue(entry, 'status_msg')
  return [
    {
      userId,
      status: {
        presence,
        statusMsg: typeof statusMsg === 'string' ? statusMsg.slice(0, MAX_STATUS_LENGTH) : undefined,
        lastActiveTs: lastActiveOf(entry, now),
        currentlyActive: ownValue(entry, 'currently_active') === true,
      },
    },
  ]
}

function lastActiveOf(entry: JsonObject, now: number): number | undefined {
  const ago = ownValue(entry, 'last_active_ago')
  return typeof ago === 'number' && Number.isSafeInteger(ago) && ago >= 0 && ago <= now
    ? now - ago
    : undefined
}
