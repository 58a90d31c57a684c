import type { RoomEvent } from '../events/room-event.ts'
import { isUserId, serverOf } from '../identifiers/user-id.ts'
import { ownValue } from '../json/value.ts'
import type { JsonValue } from '../json/value.ts'
import { ALLOWED, rejected } from './auth-result.ts'
import type { AuthResult } from './auth-result.ts'

/** The version of a room whose create event names none. */
const UNNAMED_ROOM_VERSION = '1'

/** Rule 1 of every room version: may this `m.room.create` event begin a room? */
export function checkCreate(event: RoomEvent): AuthResult {
  const { version, content } = event

  if (event.prevEvents.length > 0) return rejected('A create event has no previous events.')

  if (version.roomIdIsCreateHash) {
    if (Object.hasOwn(event.pdu, 'room_id'))
      return rejected('A create event of this room version has no room id.')
  } else if (serverOf(event.roomId) === '' || serverOf(event.roomId) !== serverOf(event.sender)) {
    return rejected('The room id belongs to another server than the creator.')
  }

  // The event is read by the rules of one version, so recognised means that very version.
  const named = ownValue(content, 'room_version')
  if ((named === undefined ? UNNAMED_ROOM_VERSION : named) !== version.id) {
    return rejected('The create event names another room version than the one it is read by.')
  }

  if (version.creators === 'content' && ownValue(content, 'creator') === undefined) {
    return rejected('The create event names no creator.')
  }

  if (version.creators === 'sender-and-additional') {
    const additional = ownValue(content, 'additional_creators')
    if (additional !== undefined && !isListOfUserIds(additional)) {
      return rejected('The additional creators are not a list of user ids.')
    }
  }
  return ALLOWED
}

function isListOfUserIds(value: JsonValue): boolean {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string' && isUserId(entry))
}
