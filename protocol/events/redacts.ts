import { type JsonObject, ownValue } from '../json/value.ts'
import type { RoomVersionRules } from '../room-versions/rules.ts'

/**
 * The id of the event that a redaction redacts: from the top level in versions 1 to 10, from the content after
 * that. Undefined for other types, and when it is not a string.
 */
export function redactsOf(
  pdu: JsonObject,
  type: string,
  content: JsonObject,
  version: RoomVersionRules,
): string | undefined {
  if (type !== 'm.room.redaction') return undefined
  const redacts = ownValue(version.redactsInContent ? content : pdu, 'redacts')
  return typeof redacts === 'string' ? redacts : undefined
}
