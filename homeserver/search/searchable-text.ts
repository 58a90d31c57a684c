import type { RoomEvent } from '../../protocol/events/room-event.ts'
import { isJsonObject, ownValue, type JsonObject } from '../../protocol/json/value.ts'
import type { SearchKey } from '../../storage/search/event-search-writer.ts'

/** The types of events that searches find (client-server API, "Server Side Search"). */
export const SEARCHED_TYPES = ['m.room.message', 'm.room.name', 'm.room.topic'] as const

/** What of an event is searched. */
export interface SearchableText {
  readonly key: SearchKey
  readonly text: string
}

/** The text by which an event is found; undefined for one that no search finds. */
export function searchableText(
  { type, stateKey }: RoomEvent,
  content: JsonObject,
): SearchableText | undefined {
  if (type === 'm.room.message' && stateKey === undefined)
    return found('content.body', textIn(content, 'body'))
  if (type === 'm.room.name' && stateKey === '') return found('content.name', textIn(content, 'name'))
  if (type === 'm.room.topic' && stateKey === '') {
    const texts = [textIn(content, 'topic'), plainTopic(content)].filter((text) => text !== undefined)
    return found('content.topic', [...new Set(texts)].join('\n'))
  }
  return undefined
}

/** The plain form among those of `m.topic` (client-server API, `m.room.topic`). */
function plainTopic(content: JsonObject): string | undefined {
  const block = ownValue(content, 'm.topic')
  const forms = isJsonObject(block) ? ownValue(block, 'm.text') : undefined
  if (!Array.isArray(forms)) return undefined
  const plain = forms
    .filter(isJsonObject)
    .find((form) => (ownValue(form, 'mimetype') ?? 'text/plain') === 'text/plain')
  return plain && textIn(plain, 'body')
}

function textIn(content: JsonObject, key: string): string | undefined {
  const value = ownValue(content, key)
  return typeof value === 'string' ? value : undefined
}

function found(key: SearchKey, text: string | undefined): SearchableText | undefined {
  return text === undefined || text.trim() === '' ? undefined : { key, text }
}
