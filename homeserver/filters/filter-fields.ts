import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { isJsonObject, ownValue, type JsonObject } from '../../protocol/json/value.ts'

/** Every event and room is compared with every entry of a list. */
const MAX_LIST_ENTRIES = 1_000
/** Identifiers and event types are 255 bytes at most; a longer text can match nothing. */
const MAX_ENTRY_LENGTH = 255

/** Optional fields of a filter, read with their types. Each throws MatrixError 400 M_BAD_JSON for another type. */
export function objectField(parent: JsonObject, key: string): JsonObject {
  const value = ownValue(parent, key)
  if (value === undefined) return {}
  if (!isJsonObject(value)) throw wrong(key, 'an object')
  return value
}

/** A boolean, false when absent. */
export function flagField(parent: JsonObject, key: string): boolean {
  return optionalFlagField(parent, key) ?? false
}

/** A boolean, or undefined. */
export function optionalFlagField(parent: JsonObject, key: string): boolean | undefined {
  const value = ownValue(parent, key)
  if (value !== undefined && typeof value !== 'boolean') throw wrong(key, 'true or false')
  return value
}

/** A whole number, or undefined; clients do send 0. The server's own bound is applied where it is used. */
export function limitField(parent: JsonObject, key: string): number | undefined {
  const value = ownValue(parent, key)
  if (value === undefined) return undefined
  if (typeof value !== 'number' || value < 0) throw wrong(key, 'a whole number')
  return value
}

/** A list of texts that `isEntry` accepts, or undefined. @throws also when it is too long. */
export function listField(
  parent: JsonObject,
  key: string,
  isEntry: (text: string) => boolean = () => true,
): readonly string[] | undefined {
  const value = ownValue(parent, key)
  if (value === undefined) return undefined
  if (!Array.isArray(value)) throw wrong(key, 'a list')
  if (value.length > MAX_LIST_ENTRIES) throw wrong(key, `at most ${MAX_LIST_ENTRIES} entries`)
  return value.map((entry) => {
    if (typeof entry !== 'string' || entry.length > MAX_ENTRY_LENGTH || !isEntry(entry)) {
      throw wrong(key, 'a list of valid identifiers or event types')
    }
    return entry
  })
}

/** The error of a field that is something else than it must be. */
export function wrong(key: string, expected: string): MatrixError {
  return new MatrixError(400, 'M_BAD_JSON', `\`${key}\` of the filter must be ${expected}`)
}
