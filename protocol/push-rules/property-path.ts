import { isJsonObject, type JsonObject, type JsonValue, ownValue } from '../json/value.ts'

/**
 * Parses a dot-separated property path (appendices, "Dot-separated property paths"). A backslash escapes a dot or
 * a backslash; before anything else it stands for itself.
 */
export function parsePropertyPath(path: string): readonly string[] {
  const names: string[] = []
  let name = ''
  for (let index = 0; index < path.length; index++) {
    const char = path.charAt(index)
    const next = path.charAt(index + 1)
    if (char === '\\' && (next === '.' || next === '\\')) {
      name += next
      index += 1
    } else if (char === '.') {
      names.push(name)
      name = ''
    } else {
      name += char
    }
  }
  names.push(name)
  return names
}

/** The value at a path, or undefined where one of its names is missing or leads through no object. */
export function propertyAt(object: JsonObject, path: readonly string[]): JsonValue | undefined {
  let value: JsonValue | undefined = object
  for (const name of path) {
    if (!isJsonObject(value)) return undefined
    value = ownValue(value, name)
  }
  return value
}
