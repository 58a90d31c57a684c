import type { RoomEvent } from '../events/room-event.ts'
import { isUserId } from '../identifiers/user-id.ts'
import { ownValue } from '../json/value.ts'
import { ALLOWED, rejected } from './auth-result.ts'
import type { AuthResult } from './auth-result.ts'
import { domainOf } from './domain-of.ts'

/** The version of a room whose create event names none. */
const UNNAMED_ROOM_VERSION = '1'

/** Rule 1 of every room version: may this `m.room.create` event begin a room? */
export function checkCreate(event: RoomEvent): AuthResult {
  const { version, content } = event

  if (event.prevEvents.length > 0) return rejected('A create event has no previous events.')

  if (version.roomIdIsCreateHash) {
    if (Object.hasOwn(event.pdu, 'room_id'))
      return rejected('A create event of this room version has no room id.')
  } else if (domainOf(event.roomId) === undefined || domainOf(event.roomId) !== domainOf(event.sender)) {
    return rejected('The room id belongs to another server than the creator.')
  }

  // The event is read by the rules of one version, so recognised means that very version.
  if ((ownValue(content, 'room_version') ?? UNNAMED_ROOM_VERSION) !== version.id) {
    return rejected('The create event names another room version than the one it is read by.')
  }

  if (version.creators === 'content' && ownValue(content, 'creator') === undefined) {
    return rejected('The create event names no creator.')
  }

  if (version.creators === 'sender-and-additional') {
    const additional = ownValue(content, 'additional_creators')
    if (additional !== undefined && !(Array.isArray(additional) && additional.every(isUserId))) {
      return rejected('The additional creators are not a list of user ids.')
    }
  }
  return ALLOWED
}
