import { isRoomAlias } from '../../../protocol/identifiers/room-alias.ts'
import { isRoomId } from '../../../protocol/identifiers/room-id.ts'
import { ownValue, type JsonObject } from '../../../protocol/json/value.ts'
import type { RoomSummary } from './room-summary.ts'

/** An event holds no longer text, so no room's state does. */
const MAX_TEXT = 65_536
/** Identifiers, types and words. */
const MAX_WORD = 255
/** Rooms of one rule that are looked at. */
const MAX_ALLOWED_ROOMS = 100

/**
 * Reads what another server says of a room; only what this server understands is taken over.
 *
 * @returns undefined for what is no summary of a room.
 */
export function readRemoteSummary(json: JsonObject): RoomSummary | undefined {
  const text = (key: string, max: number): string | undefined => {
    const value = ownValue(json, key)
    return typeof value === 'string' && value !== '' && value.length <= max ? value : undefined
  }
  const roomId = text('room_id', MAX_WORD)
  if (roomId === undefined || !isRoomId(roomId)) return undefined
  const alias = text('canonical_alias', MAX_WORD)
  const joined = ownValue(json, 'num_joined_members')
  const allowed = ownValue(json, 'allowed_room_ids')
  return {
    roomId,
    version: text('room_version', MAX_WORD) ?? text('im.nheko.summary.room_version', MAX_WORD),
    roomType: text('room_type', MAX_WORD),
    name: text('name', MAX_TEXT),
    topic: text('topic', MAX_TEXT),
    avatarUrl: text('avatar_url', MAX_TEXT),
    canonicalAlias: alias !== undefined && isRoomAlias(alias) ? alias : undefined,
    joinRule: text('join_rule', MAX_WORD) ?? 'public',
    allowedRoomIds: (Array.isArray(allowed) ? allowed : [])
      .filter((id) => typeof id === 'string')
      .filter(isRoomId)
      .slice(0, MAX_ALLOWED_ROOMS),
    worldReadable: ownValue(json, 'world_readable') === true,
    guestCanJoin: ownValue(json, 'guest_can_join') === true,
    encryption: text('encryption', MAX_WORD) ?? text('im.nheko.summary.encryption', MAX_WORD),
    joined: typeof joined === 'number' && Number.isSafeInteger(joined) && joined >= 0 ? joined : 0,
    federated: true,
  }
}
