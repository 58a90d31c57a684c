import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { ownValue, type JsonObject } from '../../protocol/json/value.ts'

/** Fields of request bodies, read with their types. Null counts as absent: many clients send it. */
function present(body: JsonObject, key: string): unknown {
  return ownValue(body, key) ?? undefined
}

/** A text. @throws MatrixError 400 M_BAD_JSON for another type. */
export function optionalText(body: JsonObject, key: string): string | undefined {
  const value = present(body, key)
  if (value !== undefined && typeof value !== 'string') {
    throw new MatrixError(400, 'M_BAD_JSON', `\`${key}\` must be a text`)
  }
  return value
}

/** A text that must be there. @throws MatrixError 400 M_MISSING_PARAM, M_BAD_JSON. */
export function requiredText(body: JsonObject, key: string): string {
  const value = optionalText(body, key)
  if (value === undefined) throw new MatrixError(400, 'M_MISSING_PARAM', `\`${key}\` is missing`)
  return value
}

/** A boolean. @throws MatrixError 400 M_BAD_JSON for another type. */
export function optionalFlag(body: JsonObject, key: string): boolean | undefined {
  const value = present(body, key)
  if (value !== undefined && typeof value !== 'boolean') {
    throw new MatrixError(400, 'M_BAD_JSON', `\`${key}\` must be true or false`)
  }
  return value
}

/** A boolean that must be there. @throws MatrixError 400 M_MISSING_PARAM, M_BAD_JSON. */
export function requiredFlag(body: JsonObject, key: string): boolean {
  const value = optionalFlag(body, key)
  if (value === undefined) throw new MatrixError(400, 'M_MISSING_PARAM', `\`${key}\` is missing`)
  return value
}

/** A list of texts that must be there. @throws MatrixError 400 M_MISSING_PARAM, M_BAD_JSON, M_TOO_LARGE. */
export function requiredTexts(body: JsonObject, key: string, maxEntries: number): readonly string[] {
  const value = ownValue(body, key)
  if (value === undefined) throw new MatrixError(400, 'M_MISSING_PARAM', `\`${key}\` is missing`)
  if (!Array.isArray(value)) throw new MatrixError(400, 'M_BAD_JSON', `\`${key}\` must be a list`)
  if (value.length > maxEntries) {
    throw new MatrixError(400, 'M_TOO_LARGE', `\`${key}\` may have ${maxEntries} entries at most`)
  }
  return value.map((entry) => {
    if (typeof entry === 'string') return entry
    throw new MatrixError(400, 'M_BAD_JSON', `\`${key}\` must be a list of texts`)
  })
}
