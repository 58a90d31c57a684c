import type { JsonObject, JsonValue } from '../../../protocol/json/value.ts'
import type { RoomSummary } from './room-summary.ts'

/** A room as the public directory lists it (`PublishedRoomsChunk`). */
export function publishedRoomJson(summary: RoomSummary): JsonObject {
  return withoutGaps({
    room_id: summary.roomId,
    name: summary.name,
    topic: summary.topic,
    avatar_url: summary.avatarUrl,
    canonical_alias: summary.canonicalAlias,
    num_joined_members: summary.joined,
    world_readable: summary.worldReadable,
    guest_can_join: summary.guestCanJoin,
    join_rule: summary.joinRule,
    room_type: summary.roomType,
  })
}

/** A room as spaces and summaries show it (`RoomSummary`). */
export function roomSummaryJson(summary: RoomSummary): JsonObject {
  return withoutGaps({
    ...publishedRoomJson(summary),
    room_version: summary.version,
    encryption: summary.encryption,
    allowed_room_ids: summary.allowedRoomIds.length > 0 ? [...summary.allowedRoomIds] : undefined,
  })
}

function withoutGaps(fields: Readonly<Record<string, JsonValue | undefined>>): JsonObject {
  const json: JsonObject = {}
  for (const [key, value] of Object.entries(fields)) if (value !== undefined) json[key] = value
  return json
}
