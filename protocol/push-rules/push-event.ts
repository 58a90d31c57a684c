import type { JsonObject, JsonValue } from '../json/value.ts'
import { parsePropertyPath, propertyAt } from './property-path.ts'

/** An event as push rules read it. What they ask for is computed once for all users of a room. */
export interface PushEvent {
  readonly roomId: string
  readonly sender: string
  /** The value at a dot-separated path. */
  value(path: string): JsonValue | undefined
  /** The lower-case form of the string at a path; undefined for anything else. */
  folded(path: string): string | undefined
}

/**
 * Prepares an event for {@link evaluatePushRules}.
 *
 * @param event in client format, with its `room_id`.
 */
export function pushEvent(
  event: JsonObject & { readonly room_id: string; readonly sender: string },
): PushEvent {
  const values = new Map<string, JsonValue | undefined>()
  const foldedValues = new Map<string, string | undefined>()
  const value = (path: string): JsonValue | undefined => {
    if (!values.has(path)) values.set(path, propertyAt(event, parsePropertyPath(path)))
    return values.get(path)
  }
  const folded = (path: string): string | undefined => {
    if (!foldedValues.has(path)) {
      const found = value(path)
      foldedValues.set(path, typeof found === 'string' ? found.toLowerCase() : undefined)
    }
    return foldedValues.get(path)
  }
  return { roomId: event.room_id, sender: event.sender, value, folded }
}
