/**
 * A JSON number that a JavaScript number cannot carry faithfully: a fraction or exponent (`1.0`, `1e3`),
 * or an integer outside ±(2^53−1). Its text is kept, because room versions 1 to 5 hash it and later
 * versions must refuse it.
 */
export class LosslessNumber {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }

  /** Lets `JSON.stringify` print the number as it was received. */
  toJSON(): unknown {
    return rawJson.rawJSON(this.text)
  }
}

// ES2025 `JSON.rawJSON`, which the compiler's library does not declare yet.
const rawJson = JSON as JSON & { rawJSON(text: string): unknown }

export type JsonValue = null | boolean | number | string | LosslessNumber | JsonValue[] | JsonObject

/**
 * A JSON object. Its prototype may be null or `Object.prototype`, so a key that another party chose is
 * looked up with {@link ownValue}, never by index: `__proto__` and `constructor` are ordinary keys here.
 */
export interface JsonObject {
  [key: string]: JsonValue
}

/** The value of an own key of `object`, or undefined. */
export function ownValue(object: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined
}

/** Whether a value is a JSON object (not null, an array or a number). */
export function isJsonObject(value: unknown): value is JsonObject {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof LosslessNumber)
  )
}
