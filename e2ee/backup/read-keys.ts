import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { isJsonObject, ownValue, type JsonObject, type JsonValue } from '../../protocol/json/value.ts'
import type { BackedUpKey } from '../../storage/e2ee/backed-up-keys.ts'
import { MAX_KEYS_A_REQUEST, MAX_NAME_BYTES, MAX_SESSION_DATA_LENGTH } from './backup-limits.ts'

/** The keys of `{"rooms": {room: {"sessions": {session: key}}}}`. @throws MatrixError 400, 413. */
export function readRooms(body: JsonObject): BackedUpKey[] {
  const keys: BackedUpKey[] = []
  for (const [roomId, room] of entriesOf(body, 'rooms')) readInto(keys, roomId, objectOf(room, 'A room'))
  return keys
}

/** The keys of `{"sessions": {session: key}}` for a room. @throws MatrixError 400, 413. */
export function readSessions(roomId: string, body: JsonObject): BackedUpKey[] {
  const keys: BackedUpKey[] = []
  readInto(keys, roomId, body)
  return keys
}

function readInto(keys: BackedUpKey[], roomId: string, room: JsonObject): void {
  for (const [sessionId, key] of entriesOf(room, 'sessions')) {
    if (keys.length === MAX_KEYS_A_REQUEST) {
      throw new MatrixError(413, 'M_TOO_LARGE', `A request may hold ${MAX_KEYS_A_REQUEST} keys at most`)
    }
    keys.push(readKey(roomId, sessionId, objectOf(key, 'A key')))
  }
}

/** One key. @throws MatrixError 400, 413. */
export function readKey(roomId: string, sessionId: string, key: JsonObject): BackedUpKey {
  checkName(roomId, 'A room id')
  checkName(sessionId, 'A session id')
  const isVerified = ownValue(key, 'is_verified')
  if (typeof isVerified !== 'boolean') throw badJson('`is_verified` must be true or false')
  const sessionData = JSON.stringify(objectOf(ownValue(key, 'session_data'), '`session_data`'))
  if (sessionData.length > MAX_SESSION_DATA_LENGTH) {
    throw new MatrixError(413, 'M_TOO_LARGE', 'The data of a key is too long')
  }
  return {
    roomId,
    sessionId,
    isVerified,
    firstMessageIndex: countOf(key, 'first_message_index'),
    forwardedCount: countOf(key, 'forwarded_count'),
    sessionData,
  }
}

/** @throws MatrixError 400 M_INVALID_PARAM for a name that is empty, too long or cannot be stored. */
export function checkName(name: string, what: string): void {
  const fits = name !== '' && Buffer.byteLength(name) <= MAX_NAME_BYTES
  if (fits && name.isWellFormed() && !name.includes('\0')) return
  throw new MatrixError(400, 'M_INVALID_PARAM', `${what} has 1 to ${MAX_NAME_BYTES} bytes and no U+0000`)
}

function countOf(key: JsonObject, field: string): number {
  const value = ownValue(key, field)
  if (typeof value === 'number' && value >= 0) return value
  throw badJson(`\`${field}\` must be a whole number that is not negative`)
}

function entriesOf(body: JsonObject, field: string): [string, JsonValue][] {
  return Object.entries(objectOf(ownValue(body, field), `\`${field}\``))
}

function objectOf(value: JsonValue | undefined, what: string): JsonObject {
  if (isJsonObject(value)) return value
  throw badJson(`${what} must be an object`)
}

function badJson(sentence: string): MatrixError {
  return new MatrixError(400, 'M_BAD_JSON', sentence)
}
