import { parseRoomEventFilter } from '../../homeserver/filters/parse-filter.ts'
import type { RoomEventFilter } from '../../homeserver/filters/filter.ts'
import type { IncomingRequest } from '../../homeserver/http/incoming-request.ts'
import { filterObject } from '../../homeserver/sync/find-filter.ts'
import { parseToken, type Token } from '../../homeserver/sync/tokens.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'

/** The specification's default for pages and contexts alike. */
const DEFAULT_LIMIT = 10
/** With events of the largest size a page of these is 32 MiB. */
const MAX_LIMIT = 500

/** The `limit` parameter, within bounds. @throws MatrixError 400 M_INVALID_PARAM. */
export function limitOf(request: IncomingRequest): number {
  const text = request.query('limit')
  if (text === undefined) return DEFAULT_LIMIT
  if (!/^\d{1,15}$/.test(text)) {
    throw new MatrixError(400, 'M_INVALID_PARAM', '`limit` must be a positive integer')
  }
  return Math.min(Number(text), MAX_LIMIT)
}

/** The `filter` parameter: a definition, never an id. @throws MatrixError 400 M_NOT_JSON, M_BAD_JSON. */
export function filterOf(request: IncomingRequest): RoomEventFilter {
  const text = request.query('filter')
  return parseRoomEventFilter(text === undefined || text === '' ? {} : filterObject(text))
}

/** A token parameter; undefined when it is absent. @throws MatrixError 400 M_INVALID_PARAM. */
export function tokenOf(request: IncomingRequest, name: string): Token | undefined {
  const text = request.query(name)
  return text === undefined || text === '' ? undefined : parseToken(text, name)
}
