import { authStateOf } from '../../protocol/auth-rules/auth-state.ts'
import { powerLevelsIn } from '../../protocol/auth-rules/power-levels.ts'
import type { RoomEvent } from '../../protocol/events/room-event.ts'
import { serverOf } from '../../protocol/identifiers/user-id.ts'
import { isJsonObject, ownValue } from '../../protocol/json/value.ts'
import type { UserNid } from '../../storage/numeric-ids.ts'
import type { Interner } from '../../storage/interning/interner.ts'
import { mentionsIn } from './mentions.ts'

/** Whom an event stands out for. */
export interface Highlights {
  readonly users: readonly UserNid[]
  /** It stands out for every member: one row, whatever their number. */
  readonly room: boolean
}

const NOBODY: Highlights = { users: [], room: false }
/** Power that `@room` takes where the room does not say (`m.room.power_levels`, `notifications.room`). */
const DEFAULT_NOTIFY_ROOM = 50

/**
 * Finds the local users that an event mentions, and whether it may notify the whole room.
 *
 * @param powerState the power levels, create event and sender's membership before the event; read only when needed.
 */
export async function findHighlights(
  serverName: string,
  interner: Interner,
  event: RoomEvent,
  powerState: () => Promise<readonly RoomEvent[]>,
): Promise<Highlights> {
  const mentions = mentionsIn(event)
  const local = mentions.userIds.filter(
    (userId) => userId !== event.sender && serverOf(userId) === serverName,
  )
  if (local.length === 0 && !mentions.room) return NOBODY
  const nids = await Promise.all(local.map((userId) => interner.findUserNid(userId)))
  return {
    users: nids.filter((nid) => nid !== undefined),
    room: mentions.room && mayNotifyRoom(event.sender, await powerState()),
  }
}

function mayNotifyRoom(sender: string, state: readonly RoomEvent[]): boolean {
  const create = state.find((event) => event.type === 'm.room.create')
  const levels = powerLevelsIn(authStateOf(state, create))
  const content = state.find((event) => event.type === 'm.room.power_levels')?.content ?? {}
  const notifications = ownValue(content, 'notifications')
  const needed = isJsonObject(notifications) ? ownValue(notifications, 'room') : undefined
  return levels.powerOf(sender) >= (typeof needed === 'number' ? needed : DEFAULT_NOTIFY_ROOM)
}
