import { parseExactly } from './parse-exactly.ts'
import { scanJson } from './scan.ts'
import type { JsonValue } from './value.ts'

/** The text is not JSON, not UTF-8, or nests too deep. The message never quotes the text. */
export class JsonSyntaxError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'JsonSyntaxError'
  }
}

// A byte order mark is kept, so that the JSON grammar refuses it (RFC 8259, section 8.1).
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Parses JSON without loss. A number that a JavaScript number cannot carry becomes a `LosslessNumber`; `-0` is
 * 0; of a key that appears twice the last value counts, and `hasDuplicateKeys` tells; lone surrogates stay.
 *
 * Servers and clients send compact JSON: where printing what `JSON.parse` gave yields the same text, nothing
 * was lost, and the slower exact parser is not needed.
 *
 * @param input text, or bytes of UTF-8.
 * @throws JsonSyntaxError
 */
export function parseJson(input: string | Uint8Array): JsonValue {
  const text = typeof input === 'string' ? input : decode(input)
  const scan = scanJson(text)
  if (scan === 'too-deep') throw new JsonSyntaxError('The JSON nests too deep.')
  const value = parseGrammar(text)
  if (scan === 'exact-numbers' && !text.includes('__proto__') && JSON.stringify(value) === text) return value
  return parseExactly(text)
}

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw new JsonSyntaxError('The JSON is not valid UTF-8.')
  }
}

function parseGrammar(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue
  } catch {
    throw new JsonSyntaxError('The text is not valid JSON.')
  }
}
