import type { Session } from '../../homeserver/accounts/sessions.ts'
import type { RoomConfig, RequiredState } from '../../homeserver/sliding-sync/required-state.ts'
import type {
  ExtensionRequests,
  ExtensionScope,
  Range,
  RoomFilter,
  SlidingRequest,
} from '../../homeserver/sliding-sync/sliding-request.ts'
import { parsePos } from '../../homeserver/sliding-sync/sliding-token.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { JsonObject, JsonValue } from '../../protocol/json/value.ts'
import { optionalFlag, optionalText } from '../http/body-fields.ts'
import { countField, isCount, listField, objectField, objectsField, textsField } from './request-fields.ts'

/** What the accepted form allows; the deployed one says nothing. */
export const MAX_LISTS = 100
/** Each costs as many steps as the user has rooms, in every list. */
const MAX_FILTER_ENTRIES = 100
/** Names of rooms are looked at no further. */
const MAX_NAME_LENGTH = 255
/** Rooms or lists that an extension is to speak of. */
const MAX_SCOPE_ENTRIES = 1_000
/** More is what `/messages` is for. */
const MAX_TIMELINE_LIMIT = 100
/** Element X asks for 17. */
export const MAX_REQUIRED_STATE = 500
/** It is kept with each connection only as a hash, but read with each request. */
const MAX_CONN_ID_BYTES = 255

/** What both wire forms have where the other has it. */
export type CommonRequest = Pick<SlidingRequest, 'viewer' | 'connId' | 'since' | 'extensions'>

/** Reads what is the same in both wire forms. @throws MatrixError 400. */
export function commonRequest(body: JsonObject, viewer: Session, pos: string | undefined): CommonRequest {
  const connId = optionalText(body, 'conn_id') ?? ''
  if (Buffer.byteLength(connId) > MAX_CONN_ID_BYTES) {
    throw new MatrixError(400, 'M_INVALID_PARAM', `\`conn_id\` may have ${MAX_CONN_ID_BYTES} bytes at most`)
  }
  return {
    viewer,
    connId,
    since: pos === undefined || pos === '' ? undefined : parsePos(pos),
    extensions: extensionsIn(body),
  }
}

/** A list's or a subscription's wishes. @throws MatrixError 400. */
export function roomConfigIn(body: JsonObject, state: RequiredState): RoomConfig {
  const limit = countField(body, 'timeline_limit')
  if (limit === undefined) throw new MatrixError(400, 'M_MISSING_PARAM', '`timeline_limit` is missing')
  return { timelineLimit: Math.min(limit, MAX_TIMELINE_LIMIT), state }
}

/** A window of a list. @throws MatrixError 400 M_BAD_JSON for another value. */
export function rangeOf(value: JsonValue): Range {
  if (Array.isArray(value) && value.length === 2) {
    const [first, last] = value
    if (isCount(first) && isCount(last) && first <= last) return [first, last]
  }
  throw new MatrixError(400, 'M_BAD_JSON', 'A range is a list of two numbers, the smaller first')
}

/** The filter of a list. @param invitedKey how the wire form calls the flag. @throws MatrixError 400. */
export function filterIn(list: JsonObject, invitedKey: string): RoomFilter {
  const filters = objectField(list, 'filters')
  const typesIn = (key: string): (string | null)[] | undefined =>
    listField(filters, key, MAX_FILTER_ENTRIES)?.map((entry) => {
      if (entry === null || typeof entry === 'string') return entry
      throw new MatrixError(400, 'M_BAD_JSON', `\`${key}\` must be a list of texts or null`)
    })
  return present({
    isDm: optionalFlag(filters, 'is_dm'),
    isEncrypted: optionalFlag(filters, 'is_encrypted'),
    isInvited: optionalFlag(filters, invitedKey),
    spaces: textsField(filters, 'spaces', MAX_FILTER_ENTRIES),
    roomTypes: typesIn('room_types'),
    notRoomTypes: typesIn('not_room_types'),
    tags: textsField(filters, 'tags', MAX_FILTER_ENTRIES),
    notTags: textsField(filters, 'not_tags', MAX_FILTER_ENTRIES),
    nameLike: nameLikeIn(filters),
  })
}

function nameLikeIn(filters: JsonObject): string | undefined {
  const text = optionalText(filters, 'room_name_like')
  if (text === undefined || text.length <= MAX_NAME_LENGTH) return text?.toLowerCase()
  const sentence = `\`room_name_like\` may have ${MAX_NAME_LENGTH} characters at most`
  throw new MatrixError(400, 'M_INVALID_PARAM', sentence)
}

function extensionsIn(body: JsonObject): ExtensionRequests {
  const asked = objectsField(body, 'extensions', MAX_LISTS).filter(([, config]) =>
    optionalFlag(config, 'enabled'),
  )
  const byKey = new Map(asked)
  const scopeOf = (key: string): ExtensionScope | undefined => {
    const config = byKey.get(key)
    if (!config) return undefined
    byKey.delete(key)
    const everything = ['*']
    return {
      lists: textsField(config, 'lists', MAX_SCOPE_ENTRIES) ?? everything,
      rooms: textsField(config, 'rooms', MAX_SCOPE_ENTRIES) ?? everything,
    }
  }
  const scopes = present({
    accountData: scopeOf('account_data'),
    receipts: scopeOf('receipts'),
    typing: scopeOf('typing'),
  })
  return { ...scopes, others: byKey }
}

/** Drops what is undefined. */
function present<Fields extends object>(
  fields: Fields,
): { [Key in keyof Fields]?: Exclude<Fields[Key], undefined> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as { [Key in keyof Fields]?: Exclude<Fields[Key], undefined> }
}
