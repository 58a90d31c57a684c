import { sortByCodePoint } from './code-point-order.ts'
import { MAX_JSON_DEPTH } from './depth.ts'
import { hasDuplicateKeys } from './duplicate-keys.ts'
import { pythonFloat } from './python-float.ts'
import { isJsonObject, type JsonObject, type JsonValue, LosslessNumber } from './value.ts'

/** The value has no canonical form. The message never quotes it. */
export class CanonicalJsonError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'CanonicalJsonError'
  }
}

export interface CanonicalJsonOptions {
  /**
   * True unless given. False for room versions 1 to 5 (`RoomVersionRules.strictCanonicalJson`), whose events
   * may hold floats, large integers and duplicate keys.
   */
  readonly strict?: boolean
  /** Keys of the outermost object to leave out, whatever they hold: `signatures` and `unsigned` for example. */
  readonly omit?: readonly string[]
}

// Printable ASCII without quote and backslash stands for itself; the bound keeps the test cheaper than encoding.
const PLAIN = /^[ !#-[\]-~]{0,64}$/

/**
 * Encodes a value as canonical JSON (appendices, "Canonical JSON"): the shortest encoding, keys by code point.
 * In the lenient form floats are printed as Python prints them and large integers digit by digit, which is
 * what the hashes of old events were computed from.
 *
 * @throws CanonicalJsonError in both forms for lone surrogates, numbers that are not finite and too deep
 *   nesting; in the strict form also for floats, integers beyond ±(2^53−1) and duplicate keys.
 */
export function canonicalJson(value: JsonValue, options?: CanonicalJsonOptions): string {
  const strict = options?.strict ?? true
  const omit = options?.omit
  if (omit !== undefined && isJsonObject(value)) return encodeObject(value, strict, MAX_JSON_DEPTH - 1, omit)
  return encode(value, strict, MAX_JSON_DEPTH)
}

function encode(value: JsonValue, strict: boolean, depthLeft: number): string {
  switch (typeof value) {
    case 'string':
      return encodeString(value)
    case 'number':
      return encodeNumber(value, strict)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'object':
      if (value === null) return 'null'
      if (value instanceof LosslessNumber) return encodeLossless(value, strict)
      if (depthLeft === 0) throw new CanonicalJsonError('The value nests too deep.')
      return Array.isArray(value)
        ? encodeArray(value, strict, depthLeft - 1)
        : encodeObject(value, strict, depthLeft - 1)
    default:
      throw new CanonicalJsonError(`A value of type ${typeof value} is not JSON.`)
  }
}

function encodeObject(
  object: JsonObject,
  strict: boolean,
  depthLeft: number,
  omit?: readonly string[],
): string {
  if (strict && hasDuplicateKeys(object)) throw new CanonicalJsonError('An object names a key twice.')
  let text = '{'
  for (const key of sortByCodePoint(Object.keys(object))) {
    if (omit?.includes(key)) continue
    if (text.length > 1) text += ','
    text += `${encodeString(key)}:${encode(object[key] as JsonValue, strict, depthLeft)}`
  }
  return text + '}'
}

function encodeArray(array: readonly JsonValue[], strict: boolean, depthLeft: number): string {
  let text = '['
  for (const item of array) {
    if (text.length > 1) text += ','
    text += encode(item, strict, depthLeft)
  }
  return text + ']'
}

function encodeString(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`
  if (!text.isWellFormed()) throw new CanonicalJsonError('A string holds half a surrogate pair.')
  return JSON.stringify(text)
}

function encodeNumber(value: number, strict: boolean): string {
  return Number.isSafeInteger(value) ? String(value) : encodeFloat(value, strict)
}

function encodeLossless(value: LosslessNumber, strict: boolean): string {
  const isInteger = /^-?\d+$/.test(value.text)
  return isInteger && !strict ? value.text : encodeFloat(Number(value.text), strict)
}

function encodeFloat(value: number, strict: boolean): string {
  if (strict) throw new CanonicalJsonError('A number is not an integer between -(2^53-1) and 2^53-1.')
  if (!Number.isFinite(value)) throw new CanonicalJsonError('A number is too large for a float.')
  return pythonFloat(value)
}
