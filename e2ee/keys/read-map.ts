import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { isJsonObject, ownValue, type JsonObject, type JsonValue } from '../../protocol/json/value.ts'

/** The error for a body of another shape than the specification gives it. */
export function badJson(sentence: string): MatrixError {
  return new MatrixError(400, 'M_BAD_JSON', sentence)
}

/** An object of a body; undefined when it is left out or null. @throws MatrixError 400 M_BAD_JSON for another type. */
export function optionalMap(body: JsonObject, key: string): JsonObject | undefined {
  const value = ownValue(body, key) ?? undefined
  if (value === undefined || isJsonObject(value)) return value
  throw badJson(`\`${key}\` must be an object`)
}

/** An object that must be there. @throws MatrixError 400 M_MISSING_PARAM, M_BAD_JSON. */
export function requiredMap(body: JsonObject, key: string): JsonObject {
  const value = optionalMap(body, key)
  if (value === undefined) throw new MatrixError(400, 'M_MISSING_PARAM', `\`${key}\` is missing`)
  return value
}

/** The entries of an object whose values must all be texts. @throws MatrixError 400 M_BAD_JSON. */
export function textEntries(value: JsonValue | undefined, what: string): [string, string][] {
  if (!isJsonObject(value)) throw badJson(`${what} must be an object`)
  return Object.entries(value).map(([key, text]) => {
    if (typeof text === 'string') return [key, text]
    throw badJson(`${what} must hold texts`)
  })
}

/** Checks `{"@user:server":{"ed25519:id":"signature"}}`. @throws MatrixError 400 M_BAD_JSON. */
export function checkSignatures(value: JsonValue | undefined, what: string): void {
  if (!isJsonObject(value)) throw badJson(`${what}.signatures must be an object`)
  for (const signatures of Object.values(value)) textEntries(signatures, `A signer of ${what}.signatures`)
}
