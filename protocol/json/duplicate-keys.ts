import type { JsonObject } from './value.ts'

const marked = new WeakSet<JsonObject>()

/** Remembers that the text of an object named a key twice. */
export function markDuplicateKeys(object: JsonObject): void {
  marked.add(object)
}

/**
 * Whether the text that this very object was parsed from named a key twice; objects inside it answer for
 * themselves. The value holds the last of them. A copy of the object does not remember.
 */
export function hasDuplicateKeys(object: JsonObject): boolean {
  return marked.has(object)
}
