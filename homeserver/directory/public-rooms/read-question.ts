import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { isJsonObject, ownValue, type JsonObject, type JsonValue } from '../../../protocol/json/value.ts'
import { networkOfInstance } from '../../appservices/third-party/network-instance.ts'
import type { IncomingRequest } from '../../http/incoming-request.ts'
import type { PublicRoomsQuestion } from './public-rooms-page.ts'

/** Types of rooms in use are two. */
const MAX_ROOM_TYPES = 100

/** Reads the query of `GET /publicRooms`. @throws MatrixError 400 M_INVALID_PARAM. */
export function questionInQuery(request: IncomingRequest): PublicRoomsQuestion {
  const text = request.query('limit')
  if (text !== undefined && !/^\d{1,15}$/.test(text)) throw badLimit()
  const since = request.query('since')
  return {
    limit: Number(text ?? 0) || undefined,
    since: since === '' ? undefined : since,
    searchTerm: undefined,
    roomTypes: undefined,
    network: networkOf(
      request.query('third_party_instance_id'),
      request.query('include_all_networks') === 'true',
    ),
  }
}

/** Reads the body of `POST /publicRooms`. @throws MatrixError 400 M_BAD_JSON, M_INVALID_PARAM. */
export function questionInBody(body: JsonObject): PublicRoomsQuestion {
  const limit = ownValue(body, 'limit') ?? 0
  if (typeof limit !== 'number' || !Number.isSafeInteger(limit) || limit < 0) throw badLimit()
  const filter = ownValue(body, 'filter') ?? {}
  if (!isJsonObject(filter)) throw new MatrixError(400, 'M_BAD_JSON', '`filter` must be an object')
  return {
    limit: limit || undefined,
    since: textIn(body, 'since') || undefined,
    searchTerm: textIn(filter, 'generic_search_term') || undefined,
    roomTypes: roomTypesIn(ownValue(filter, 'room_types') ?? undefined),
    network: networkOf(
      textIn(body, 'third_party_instance_id') || undefined,
      ownValue(body, 'include_all_networks') === true,
    ),
  }
}

function roomTypesIn(value: JsonValue | undefined): readonly (string | null)[] | undefined {
  if (value === undefined) return undefined
  if (!Array.isArray(value) || value.length > MAX_ROOM_TYPES) throw badRoomTypes()
  return value.map((type) => {
    if (type === null || typeof type === 'string') return type
    throw badRoomTypes()
  })
}

function textIn(body: JsonObject, key: string): string | undefined {
  const value = ownValue(body, key) ?? undefined
  if (value === undefined || typeof value === 'string') return value
  throw new MatrixError(400, 'M_BAD_JSON', `\`${key}\` must be a text`)
}

function networkOf(instanceId: string | undefined, includeAll: boolean): PublicRoomsQuestion['network'] {
  if (instanceId === undefined) return includeAll ? 'all' : undefined
  if (!includeAll) return networkOfInstance(instanceId)
  const sentence = '`third_party_instance_id` and `include_all_networks` exclude each other'
  throw new MatrixError(400, 'M_INVALID_PARAM', sentence)
}

function badLimit(): MatrixError {
  return new MatrixError(400, 'M_INVALID_PARAM', '`limit` must be a whole number, 0 or more')
}

function badRoomTypes(): MatrixError {
  return new MatrixError(
    400,
    'M_BAD_JSON',
    `\`room_types\` must be a list of at most ${MAX_ROOM_TYPES} types`,
  )
}
