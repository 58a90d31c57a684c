import type { RoomEvent } from '../../protocol/events/room-event.ts'
import { isUserId } from '../../protocol/identifiers/user-id.ts'
import { isJsonObject, ownValue, type JsonObject } from '../../protocol/json/value.ts'
import { relationOf } from '../rooms/relation-of.ts'

/** A message that names more people than this names nobody in particular. */
const MAX_MENTIONED = 200

/** Whom an event mentions on purpose (mentions module). What becomes of it the push rules decide. */
export interface Mentions {
  readonly userIds: readonly string[]
  readonly room: boolean
}

const NOBODY: Mentions = { userIds: [], room: false }

/** Whole user ids in a text, perhaps with the end of a sentence. */
const WRITTEN_ID = /@[a-z0-9._=/+-]{1,255}:[a-z0-9.:[\]-]{1,255}/gi

/** Reads `m.mentions`. */
export function mentionsIn(content: JsonObject): Mentions {
  const mentions = ownValue(content, 'm.mentions')
  if (!isJsonObject(mentions)) return NOBODY
  const listed = ownValue(mentions, 'user_ids')
  const userIds = Array.isArray(listed)
    ? [...new Set(listed.filter((id) => typeof id === 'string'))].slice(0, MAX_MENTIONED)
    : []
  return { userIds, room: ownValue(mentions, 'room') === true }
}

/**
 * The content of an event as push rules shall read it. Clients from before version 1.7, bots and bridges among them,
 * know no `m.mentions`; a message of theirs that writes a whole user id means its owner. MSC4210 took out the rules
 * that looked for names in messages, which any word could be; an id is no accident.
 */
export function contentWithMentions(event: RoomEvent): JsonObject {
  const { content } = event
  const body = ownValue(content, 'body')
  if (event.type !== 'm.room.message' || typeof body !== 'string') return content
  if (ownValue(content, 'm.mentions') !== undefined || relationOf(event)?.relType === 'm.replace')
    return content
  const written = Array.from(body.matchAll(WRITTEN_ID), ([id]) => id.replace(/[.:]+$/, '')).filter(isUserId)
  if (written.length === 0) return content
  return { ...content, 'm.mentions': { user_ids: [...new Set(written)].slice(0, MAX_MENTIONED) } }
}
