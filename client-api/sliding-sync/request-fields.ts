import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { isJsonObject, ownValue, type JsonObject, type JsonValue } from '../../protocol/json/value.ts'

/** Fields of sliding sync's nested requests. Null counts as absent: many clients send it. */
function present(body: JsonObject, key: string): JsonValue | undefined {
  return ownValue(body, key) ?? undefined
}

/** An object, empty when absent. @throws MatrixError 400 M_BAD_JSON for another type. */
export function objectField(body: JsonObject, key: string): JsonObject {
  const value = present(body, key) ?? {}
  if (isJsonObject(value)) return value
  throw new MatrixError(400, 'M_BAD_JSON', `\`${key}\` must be an object`)
}

/**
 * The objects of an object, by their keys; none when it is absent.
 *
 * @throws MatrixError 400 M_BAD_JSON for another type, M_INVALID_PARAM for too many.
 */
export function objectsField(body: JsonObject, key: string, maxEntries: number): [string, JsonObject][] {
  const entries = Object.entries(objectField(body, key))
  if (entries.length > maxEntries) throw tooMany(key, maxEntries)
  return entries.map(([name, value]) => {
    if (isJsonObject(value)) return [name, value]
    throw new MatrixError(400, 'M_BAD_JSON', `\`${key}\` must be an object of objects`)
  })
}

/** A list. @throws MatrixError 400 M_BAD_JSON for another type, M_INVALID_PARAM for too many entries. */
export function listField(body: JsonObject, key: string, maxEntries: number): JsonValue[] | undefined {
  const value = present(body, key)
  if (value === undefined) return undefined
  if (!Array.isArray(value)) throw new MatrixError(400, 'M_BAD_JSON', `\`${key}\` must be a list`)
  if (value.length > maxEntries) throw tooMany(key, maxEntries)
  return value
}

/** A list of texts. @throws MatrixError 400 as `listField`. */
export function textsField(body: JsonObject, key: string, maxEntries: number): string[] | undefined {
  return listField(body, key, maxEntries)?.map((entry) => {
    if (typeof entry === 'string') return entry
    throw new MatrixError(400, 'M_BAD_JSON', `\`${key}\` must be a list of texts`)
  })
}

/** A whole number that is not negative. @throws MatrixError 400 M_BAD_JSON for another value. */
export function countField(body: JsonObject, key: string): number | undefined {
  const value = present(body, key)
  if (value === undefined) return undefined
  if (isCount(value)) return value
  throw new MatrixError(400, 'M_BAD_JSON', `\`${key}\` must be a whole number that is not negative`)
}

/** Whether a value is a whole number that is not negative. */
export function isCount(value: JsonValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function tooMany(key: string, maxEntries: number): MatrixError {
  return new MatrixError(400, 'M_INVALID_PARAM', `\`${key}\` may have ${maxEntries} entries at most`)
}
