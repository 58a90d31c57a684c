import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { isJsonObject, ownValue, type JsonObject, type JsonValue } from '../../protocol/json/value.ts'
import type { SearchOrder } from '../../storage/search/event-search-reader.ts'
import { SEARCH_KEYS, type SearchKey } from '../../storage/search/event-search-writer.ts'
import type { RoomEventFilter } from '../filters/filter.ts'
import { parseRoomEventFilter } from '../filters/parse-filter.ts'
import type { ContextWish } from './result-context.ts'
import type { GroupKey } from './search-token.ts'
import { MAX_TERM_LENGTH } from './search-terms.ts'

/** Results of a page when the client names no number, and the most. */
const DEFAULT_LIMIT = 10
const MAX_LIMIT = 100
/** The specification's default on each side of a result, and the most. */
const DEFAULT_CONTEXT = 5
const MAX_CONTEXT = 10
/** With their surroundings, so that an answer of the largest events stays below 40 MiB. */
const MAX_LIMIT_WITH_CONTEXT = 25

/** A search of messages, read and checked. */
export interface MessageSearch {
  readonly term: string
  readonly keys: readonly SearchKey[]
  readonly filter: RoomEventFilter
  readonly limit: number
  readonly order: SearchOrder
  readonly context: ContextWish | undefined
  readonly includeState: boolean
  readonly groupBy: readonly GroupKey[]
}

/** Reads the criteria of `room_events`. @throws MatrixError 400 M_MISSING_PARAM, M_BAD_JSON, M_INVALID_PARAM. */
export function parseMessageSearch(criteria: JsonObject): MessageSearch {
  const term = ownValue(criteria, 'search_term')
  if (term === undefined) throw new MatrixError(400, 'M_MISSING_PARAM', '`search_term` is missing')
  if (typeof term !== 'string') throw wrong('search_term', 'a text')
  if (term.length > MAX_TERM_LENGTH) {
    const sentence = `A search term may be ${MAX_TERM_LENGTH} characters long at most`
    throw new MatrixError(400, 'M_INVALID_PARAM', sentence)
  }
  const filter = parseRoomEventFilter(objectIn(criteria, 'filter') ?? {})
  const context = contextIn(criteria)
  const limit = Math.max(1, Math.floor(filter.limit ?? DEFAULT_LIMIT))
  return {
    term,
    keys: keysIn(criteria),
    filter,
    limit: Math.min(limit, context ? MAX_LIMIT_WITH_CONTEXT : MAX_LIMIT),
    order: orderIn(criteria),
    context,
    includeState: flagIn(criteria, 'include_state'),
    groupBy: groupsIn(objectIn(criteria, 'groupings')),
  }
}

function keysIn(criteria: JsonObject): SearchKey[] {
  const all = Object.keys(SEARCH_KEYS) as SearchKey[]
  const keys = present(criteria, 'keys')
  if (keys === undefined) return all
  if (!Array.isArray(keys)) throw wrong('keys', 'a list')
  return keys.map((key) => {
    const known = all.find((name) => name === key)
    if (known) return known
    throw wrong('keys', `a list of ${all.join(', ')}`)
  })
}

function orderIn(criteria: JsonObject): SearchOrder {
  const order = present(criteria, 'order_by') ?? 'rank'
  if (order === 'rank' || order === 'recent') return order
  throw wrong('order_by', 'rank or recent')
}

function contextIn(criteria: JsonObject): ContextWish | undefined {
  const wish = objectIn(criteria, 'event_context')
  return (
    wish && {
      before: countIn(wish, 'before_limit'),
      after: countIn(wish, 'after_limit'),
      profiles: flagIn(wish, 'include_profile'),
    }
  )
}

function groupsIn(groupings: JsonObject | undefined): GroupKey[] {
  const list = groupings && present(groupings, 'group_by')
  if (list === undefined) return []
  if (!Array.isArray(list)) throw wrong('group_by', 'a list')
  const keys = list.map((group) => {
    const key = isJsonObject(group) ? ownValue(group, 'key') : undefined
    if (key === 'room_id' || key === 'sender') return key
    throw wrong('group_by', 'a list of objects whose key is room_id or sender')
  })
  return [...new Set(keys)]
}

function countIn(wish: JsonObject, key: string): number {
  const value = present(wish, key) ?? DEFAULT_CONTEXT
  if (typeof value === 'number' && value >= 0) return Math.min(Math.floor(value), MAX_CONTEXT)
  throw wrong(key, 'a whole number')
}

function flagIn(parent: JsonObject, key: string): boolean {
  const value = present(parent, key) ?? false
  if (typeof value === 'boolean') return value
  throw wrong(key, 'true or false')
}

function objectIn(parent: JsonObject, key: string): JsonObject | undefined {
  const value = present(parent, key)
  if (value === undefined || isJsonObject(value)) return value
  throw wrong(key, 'an object')
}

/** Null counts as absent: many clients send it. */
function present(parent: JsonObject, key: string): JsonValue | undefined {
  return ownValue(parent, key) ?? undefined
}

function wrong(key: string, expected: string): MatrixError {
  return new MatrixError(400, 'M_BAD_JSON', `\`${key}\` must be ${expected}`)
}
