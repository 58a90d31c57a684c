import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { parseJson } from '../../protocol/json/parse.ts'
import type { EventNid } from '../../storage/numeric-ids.ts'
import type { FoundPlace } from '../../storage/search/event-search-reader.ts'

/** By what results can be put together. */
export type GroupKey = 'room_id' | 'sender'

/** Where the next results begin, in all or in one group of them. */
export interface SearchToken {
  readonly place: FoundPlace
  readonly group: { readonly key: GroupKey; readonly value: string } | undefined
}

/** The longest that this server gives out has a user or room id of 255 bytes in it. */
const MAX_TOKEN_LENGTH = 1_000

/** The text of a token: it holds for the same search alone, and says nothing that the answer does not say. */
export function formatSearchToken({ place, group }: SearchToken): string {
  const { rank, originServerTs, historyPos, eventNid } = place
  const parts = [
    String(rank),
    originServerTs,
    historyPos,
    eventNid,
    ...(group ? [group.key, group.value] : []),
  ]
  return Buffer.from(JSON.stringify(parts)).toString('base64url')
}

/** Reads `next_batch`. @throws MatrixError 400 M_INVALID_PARAM for what is no token of a search. */
export function parseSearchToken(text: string): SearchToken {
  const parts = text.length > MAX_TOKEN_LENGTH ? undefined : partsOf(text)
  if (!Array.isArray(parts) || (parts.length !== 4 && parts.length !== 6)) throw noToken()
  const [rankText, originServerTs, historyPos, eventNid, key, value] = parts as readonly unknown[]
  const rank = typeof rankText === 'string' ? Number(rankText) : NaN
  if (!Number.isFinite(rank) || !isWhole(originServerTs) || !isWhole(historyPos) || !isWhole(eventNid))
    throw noToken()
  const place = { rank, originServerTs, historyPos, eventNid: eventNid as EventNid }
  if (key === undefined) return { place, group: undefined }
  if ((key !== 'room_id' && key !== 'sender') || typeof value !== 'string') throw noToken()
  return { place, group: { key, value } }
}

function partsOf(text: string): unknown {
  try {
    return parseJson(Buffer.from(text, 'base64url'))
  } catch {
    return undefined
  }
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value)
}

function noToken(): MatrixError {
  return new MatrixError(400, 'M_INVALID_PARAM', '`next_batch` is not a token that this server gave out')
}
