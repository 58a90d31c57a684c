import { fitsBytes, MAX_EVENT_KEY_BYTES } from '../identifiers/bounds.ts'
import { isUserId } from '../identifiers/user-id.ts'
import { isJsonObject, type JsonObject, type JsonValue, ownValue } from '../json/value.ts'
import { roomVersion } from '../room-versions/room-versions.ts'
import type { RoomVersionRules } from '../room-versions/rules.ts'
import type { RoomEvent } from './room-event.ts'

/** The specification names seven kinds of event; the rest is room for what servers add. */
export const MAX_STRIPPED_STATE_EVENTS = 100
/** Twice the largest event: it is stored with the invite and sent in every sync that holds it. */
export const MAX_STRIPPED_STATE_CHARACTERS = 131_072

const TIMED_TYPE = 'm.room.create'

/**
 * A state event in the form for those who are not in the room (client-server API, "Stripped state"). The create event
 * keeps its time as well, which clients of invites and knocks look for (MSC4311).
 */
export function toStrippedState(event: RoomEvent): JsonObject {
  const { type, stateKey = '', sender, content, originServerTs } = event
  const stripped = { type, state_key: stateKey, sender, content }
  return type === TIMED_TYPE ? { ...stripped, origin_server_ts: originServerTs } : stripped
}

/**
 * Reads the stripped state that another server sends with an invite or a knock, as stripped events or as full
 * PDUs. Nothing in it is proven. What is malformed is left out, and so is what goes beyond the bounds.
 *
 * @param value `invite_room_state` or `knock_room_state`, whatever it is.
 */
export function readStrippedState(value: JsonValue | undefined): JsonObject[] {
  if (!Array.isArray(value)) return []
  const events: JsonObject[] = []
  let characters = 0
  for (const item of value) {
    const event = strip(item)
    if (event === undefined) continue
    const size = JSON.stringify(event).length
    if (characters + size > MAX_STRIPPED_STATE_CHARACTERS) continue
    characters += size
    if (events.push(event) === MAX_STRIPPED_STATE_EVENTS) break
  }
  return events
}

/** Rooms that name no version have this one (`m.room.create`). */
const UNNAMED_VERSION = '1'

/**
 * The version that the create event among stripped state names.
 *
 * @param value a list of stripped state events, whatever it is.
 * @returns undefined for a version that we do not know.
 */
export function strippedRoomVersion(value: JsonValue | undefined): RoomVersionRules | undefined {
  const create = (Array.isArray(value) ? value : []).find(
    (event) => isJsonObject(event) && ownValue(event, 'type') === 'm.room.create',
  )
  const content = isJsonObject(create) ? ownValue(create, 'content') : undefined
  const version = isJsonObject(content) ? ownValue(content, 'room_version') : undefined
  return roomVersion(typeof version === 'string' ? version : UNNAMED_VERSION)
}

function strip(item: JsonValue): JsonObject | undefined {
  if (!isJsonObject(item)) return undefined
  const type = ownValue(item, 'type')
  const stateKey = ownValue(item, 'state_key')
  const sender = ownValue(item, 'sender')
  const content = ownValue(item, 'content')
  if (!isEventKey(type) || !isEventKey(stateKey) || !isJsonObject(content)) return undefined
  if (typeof sender !== 'string' || !isUserId(sender)) return undefined
  const stripped = { type, state_key: stateKey, sender, content }
  const time = ownValue(item, 'origin_server_ts')
  const isTimed = type === TIMED_TYPE && Number.isSafeInteger(time)
  return isTimed ? { ...stripped, origin_server_ts: time ?? 0 } : stripped
}

function isEventKey(value: JsonValue | undefined): value is string {
  return typeof value === 'string' && fitsBytes(value, MAX_EVENT_KEY_BYTES)
}
