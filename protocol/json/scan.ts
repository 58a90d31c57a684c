import { MAX_JSON_DEPTH } from './depth.ts'

/** The least number of digits of an integer outside ±(2^53−1). */
const DIGITS_OF_UNSAFE_INTEGER = 16

const QUOTE = 0x22
const BACKSLASH = 0x5c

export type JsonScan = 'too-deep' | 'inexact-numbers' | 'exact-numbers'

/**
 * Reads over JSON text without building anything.
 *
 * @returns `too-deep` beyond {@link MAX_JSON_DEPTH} levels (`JSON.parse` takes seconds on millions of them);
 *   `inexact-numbers` when some number may not fit a JavaScript number. For text that is not JSON the answer
 *   means nothing.
 */
export function scanJson(text: string): JsonScan {
  let depth = 0
  let digits = 0
  let exact = true
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit >= 0x30 && unit <= 0x39) {
      if (++digits >= DIGITS_OF_UNSAFE_INTEGER) exact = false
      continue
    }
    if (unit === QUOTE) {
      index = endOfString(text, index)
    } else if (unit === 0x7b || unit === 0x5b) {
      if (++depth > MAX_JSON_DEPTH) return 'too-deep'
    } else if (unit === 0x7d || unit === 0x5d) {
      depth--
    } else if (digits > 0 && (unit === 0x2e || unit === 0x65 || unit === 0x45)) {
      exact = false
    }
    digits = 0
  }
  return exact ? 'exact-numbers' : 'inexact-numbers'
}

/** The index of the quote that closes the string opened at `start`; the length of the text if none does. */
export function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let before = end - 1
    while (text.charCodeAt(before) === BACKSLASH) before--
    if ((end - before) % 2 === 1) return end
  }
  return text.length
}
