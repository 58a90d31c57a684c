import { isRoomId } from '../../protocol/identifiers/room-id.ts'
import { isUserId } from '../../protocol/identifiers/user-id.ts'
import { ownValue, type JsonObject } from '../../protocol/json/value.ts'
import type { EventFilter, Filter, RoomEventFilter } from './filter.ts'
import { flagField, limitField, listField, objectField, optionalFlagField, wrong } from './filter-fields.ts'

/** Drops what is undefined, so that absent and present fields differ. */
function present<Fields extends object>(
  fields: Fields,
): { [Key in keyof Fields]: Exclude<Fields[Key], undefined> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as { [Key in keyof Fields]: Exclude<Fields[Key], undefined> }
}

/** @throws MatrixError 400 M_BAD_JSON. */
export function parseEventFilter(json: JsonObject): EventFilter {
  return present({
    limit: limitField(json, 'limit'),
    senders: listField(json, 'senders', isUserId),
    notSenders: listField(json, 'not_senders', isUserId),
    types: listField(json, 'types'),
    notTypes: listField(json, 'not_types'),
  })
}

/** A room event filter, as `/messages`, `/context` and search take it too. @throws MatrixError 400 M_BAD_JSON. */
export function parseRoomEventFilter(json: JsonObject): RoomEventFilter {
  return {
    ...parseEventFilter(json),
    ...present({
      rooms: listField(json, 'rooms', isRoomId),
      notRooms: listField(json, 'not_rooms', isRoomId),
      containsUrl: optionalFlagField(json, 'contains_url'),
      relTypes: listField(json, 'org.matrix.msc3874.rel_types'),
      notRelTypes: listField(json, 'org.matrix.msc3874.not_rel_types'),
    }),
    lazyLoadMembers: flagField(json, 'lazy_load_members'),
    includeRedundantMembers: flagField(json, 'include_redundant_members'),
    unreadThreadNotifications: flagField(json, 'unread_thread_notifications'),
  }
}

/** A whole sync filter. Unknown keys are passed over. @throws MatrixError 400 M_BAD_JSON. */
export function parseFilter(json: JsonObject): Filter {
  const room = objectField(json, 'room')
  const format = ownValue(json, 'event_format') ?? 'client'
  if (format !== 'client' && format !== 'federation') throw wrong('event_format', '"client" or "federation"')
  return {
    ...present({ eventFields: listField(json, 'event_fields') }),
    eventFormat: format,
    presence: parseEventFilter(objectField(json, 'presence')),
    accountData: parseEventFilter(objectField(json, 'account_data')),
    room: {
      ...present({
        rooms: listField(room, 'rooms', isRoomId),
        notRooms: listField(room, 'not_rooms', isRoomId),
      }),
      includeLeave: flagField(room, 'include_leave'),
      state: parseRoomEventFilter(objectField(room, 'state')),
      timeline: parseRoomEventFilter(objectField(room, 'timeline')),
      ephemeral: parseRoomEventFilter(objectField(room, 'ephemeral')),
      accountData: parseRoomEventFilter(objectField(room, 'account_data')),
    },
  }
}
