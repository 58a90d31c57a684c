import { markDuplicateKeys } from './duplicate-keys.ts'
import { endOfString } from './scan.ts'
import { type JsonObject, type JsonValue, LosslessNumber } from './value.ts'

const QUOTE = 0x22
const COMMA = 0x2c
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d

/**
 * Parses text that is already known to be JSON and not to nest deeper than `MAX_JSON_DEPTH`. Every number is
 * carried exactly, duplicate keys are marked, and objects have no prototype.
 */
export function parseExactly(text: string): JsonValue {
  let index = 0

  function skipSpace(): number {
    let unit = text.charCodeAt(index)
    while (unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09) unit = text.charCodeAt(++index)
    return unit
  }

  function value(): JsonValue {
    switch (skipSpace()) {
      case QUOTE:
        return string()
      case OPEN_BRACE:
        return object()
      case OPEN_BRACKET:
        return array()
      case 0x74:
        index += 4
        return true
      case 0x66:
        index += 5
        return false
      case 0x6e:
        index += 4
        return null
      default:
        return number()
    }
  }

  function string(): string {
    const start = index
    index = endOfString(text, start) + 1
    const inner = text.slice(start + 1, index - 1)
    return inner.includes('\\') ? (JSON.parse(text.slice(start, index)) as string) : inner
  }

  function number(): number | LosslessNumber {
    const start = index
    let integer = true
    for (;;) {
      const unit = text.charCodeAt(index)
      if (unit === 0x2e || unit === 0x65 || unit === 0x45) integer = false
      else if (!((unit >= 0x30 && unit <= 0x39) || unit === 0x2d || unit === 0x2b)) break
      index++
    }
    const literal = text.slice(start, index)
    const parsed = Number(literal)
    if (!integer || !Number.isSafeInteger(parsed)) return new LosslessNumber(literal)
    return parsed === 0 ? 0 : parsed
  }

  function object(): JsonObject {
    const result = Object.create(null) as JsonObject
    index++
    for (let unit = skipSpace(); unit !== CLOSE_BRACE; unit = skipSpace()) {
      if (unit === COMMA) {
        index++
        skipSpace()
      }
      const key = string()
      skipSpace()
      index++
      if (key in result) markDuplicateKeys(result)
      result[key] = value()
    }
    index++
    return result
  }

  function array(): JsonValue[] {
    const result: JsonValue[] = []
    index++
    for (let unit = skipSpace(); unit !== CLOSE_BRACKET; unit = skipSpace()) {
      if (unit === COMMA) index++
      result.push(value())
    }
    index++
    return result
  }

  return value()
}
