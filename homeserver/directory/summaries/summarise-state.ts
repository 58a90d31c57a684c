import type { RoomEvent } from '../../../protocol/events/room-event.ts'
import { isRoomAlias } from '../../../protocol/identifiers/room-alias.ts'
import { isRoomId } from '../../../protocol/identifiers/room-id.ts'
import { isJsonObject, ownValue, type JsonObject, type JsonValue } from '../../../protocol/json/value.ts'
import { historyVisibilityIn } from '../../../protocol/visibility/history-visibility.ts'
import { WORLD_READABLE, type RoomSummary } from './room-summary.ts'

/** Types of the state events, all with the empty state key, that a summary is made of. */
export const SUMMARISED_TYPES = [
  'm.room.create',
  'm.room.name',
  'm.room.topic',
  'm.room.avatar',
  'm.room.canonical_alias',
  'm.room.join_rules',
  'm.room.history_visibility',
  'm.room.guest_access',
  'm.room.encryption',
] as const

/** Rooms of one rule that are told; joins look at no more of them. */
const MAX_ALLOWED_ROOMS = 100
/** A room without a join rule, or with one that is none, is by invitation (`m.room.join_rules`). */
const DEFAULT_JOIN_RULE = 'invite'

/**
 * Summarises a room.
 *
 * @param state its state events of {@link SUMMARISED_TYPES} as they are shown, by type.
 * @param joined how many users are joined.
 * @returns undefined for a room whose create event is not here.
 */
export function summariseState(
  state: ReadonlyMap<string, RoomEvent>,
  joined: number,
): RoomSummary | undefined {
  const create = state.get('m.room.create')
  if (!create) return undefined
  const text = (type: string, key: string): string | undefined => textIn(state.get(type)?.content, key)
  const joinRule = text('m.room.join_rules', 'join_rule') ?? DEFAULT_JOIN_RULE
  const alias = text('m.room.canonical_alias', 'alias')
  const topic = state.get('m.room.topic')?.content
  return {
    roomId: create.roomId,
    version: create.version.id,
    roomType: textIn(create.content, 'type'),
    name: text('m.room.name', 'name'),
    topic: topic && plainTopic(topic),
    avatarUrl: text('m.room.avatar', 'url'),
    canonicalAlias: alias !== undefined && isRoomAlias(alias) ? alias : undefined,
    joinRule,
    allowedRoomIds: isRestrictedRule(joinRule) ? allowedRooms(state.get('m.room.join_rules')!.content) : [],
    worldReadable: historyVisibilityIn(state.get('m.room.history_visibility')) === WORLD_READABLE,
    guestCanJoin: text('m.room.guest_access', 'guest_access') === 'can_join',
    encryption: text('m.room.encryption', 'algorithm'),
    joined,
    federated: ownValue(create.content, 'm.federate') !== false,
  }
}

/** Whether a join rule lets in the members of other rooms. */
export function isRestrictedRule(joinRule: string): boolean {
  return joinRule === 'restricted' || joinRule === 'knock_restricted'
}

/** The topic as plain text: what `m.topic` has of that kind, or else the text of old clients (`m.room.topic`). */
function plainTopic(content: JsonObject): string | undefined {
  const block = ownValue(content, 'm.topic')
  const variants = isJsonObject(block) ? ownValue(block, 'm.text') : undefined
  for (const variant of Array.isArray(variants) ? variants : []) {
    if (!isJsonObject(variant)) continue
    const mimetype = ownValue(variant, 'mimetype') ?? 'text/plain'
    const body = textIn(variant, 'body')
    if (mimetype === 'text/plain' && body !== undefined) return body
  }
  return textIn(content, 'topic')
}

function allowedRooms(content: JsonObject): string[] {
  const allow: JsonValue = ownValue(content, 'allow') ?? []
  return (Array.isArray(allow) ? allow : []).slice(0, MAX_ALLOWED_ROOMS).flatMap((entry) => {
    if (!isJsonObject(entry) || ownValue(entry, 'type') !== 'm.room_membership') return []
    const roomId = textIn(entry, 'room_id')
    return roomId !== undefined && isRoomId(roomId) ? [roomId] : []
  })
}

/** A text that says something; an empty one counts as none. */
function textIn(content: JsonObject | undefined, key: string): string | undefined {
  const value = content && ownValue(content, key)
  return typeof value === 'string' && value !== '' ? value : undefined
}
