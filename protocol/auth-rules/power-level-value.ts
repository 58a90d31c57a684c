import { LosslessNumber } from '../json/value.ts'
import type { JsonValue } from '../json/value.ts'

/**
 * A power level. A bigint only stands where a number would not be exact, so `===` compares any two levels;
 * `<` and `>=` work across both. Infinity is a room creator of version 12, or a demand nobody can meet.
 */
export type PowerLevel = number | bigint

/** Takes linear time on any text: no two of its repetitions can match the same character. */
const INTEGER_TEXT = /^\s*([+-]?\d+)\s*$/

/**
 * Reads one power level.
 *
 * @param value what stands in the event.
 * @param mode `integers` takes JSON integers only (versions 10 and later); `lenient` takes what versions 1
 *   to 9 took: also integers in strings with a sign, leading zeros and white space around them, floats,
 *   which are cut at the point, and booleans, which the first implementation counts as 0 and 1.
 * @returns undefined where the value is no power level: for `lenient` also what exceeds a double.
 *   Source: room versions 1 to 9, "power_levels events accept values as strings" and "as floats".
 */
export function readPowerLevel(value: JsonValue, mode: 'lenient' | 'integers'): PowerLevel | undefined {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value
  if (mode === 'integers') return undefined
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'number') return truncated(value)
  if (typeof value === 'string') return integerIn(value)
  if (value instanceof LosslessNumber) return integerIn(value.text) ?? truncated(Number(value.text))
  return undefined
}

function integerIn(text: string): PowerLevel | undefined {
  const digits = INTEGER_TEXT.exec(text)?.[1]
  if (digits === undefined) return undefined
  const value = Number(digits)
  if (!Number.isFinite(value)) return undefined
  return Number.isSafeInteger(value) ? value : BigInt(digits)
}

function truncated(value: number): PowerLevel | undefined {
  if (!Number.isFinite(value)) return undefined
  const whole = Math.trunc(value)
  return Number.isSafeInteger(whole) ? whole : BigInt(whole)
}
