import type { PublishedRoomRow } from '../../../storage/directory/published-rooms.ts'
import type { RoomNid } from '../../../storage/numeric-ids.ts'
import type { StreamPosition } from '../../../storage/position/position.ts'
import type { RoomSummary } from '../summaries/room-summary.ts'
import { publishedRoomJson } from '../summaries/summary-json.ts'

/** Under these rules somebody who finds the room can do something about joining it. */
const LISTED_JOIN_RULES: ReadonlySet<string> = new Set(['public', 'knock', 'restricted', 'knock_restricted'])

/**
 * The row of a published room.
 *
 * @param summary undefined for a room that nobody here is in any more: it stays published and is not listed.
 * @param factsPos the newest change of state that the summary takes in.
 */
export function publishedRoomRow(
  roomNid: RoomNid,
  summary: RoomSummary | undefined,
  factsPos: StreamPosition,
): PublishedRoomRow {
  return {
    room_nid: roomNid,
    facts_pos: factsPos,
    listed: summary !== undefined && (summary.worldReadable || LISTED_JOIN_RULES.has(summary.joinRule)),
    federated: summary?.federated ?? false,
    joined: summary?.joined ?? 0,
    room_type: summary?.roomType === undefined ? null : Buffer.from(summary.roomType),
    search_text: searchForm([summary?.name, summary?.topic, summary?.canonicalAlias].join('\n')),
    summary: Buffer.from(JSON.stringify(summary ? publishedRoomJson(summary) : {})),
  }
}

/** A text as it is searched and looked for: without regard to case, and free of what `text` columns cannot hold. */
export function searchForm(text: string): string {
  return text.toLowerCase().replaceAll('\0', ' ').toWellFormed()
}
