import { isEventId, isEventIdWithDomain } from '../identifiers/event-id.ts'
import { fitsBytes, fitsCodePoints, MAX_EVENT_KEY_BYTES } from '../identifiers/bounds.ts'
import { isJsonObject, type JsonObject, type JsonValue, LosslessNumber, ownValue } from '../json/value.ts'
import type { RoomVersionRules } from '../room-versions/rules.ts'
import { PduError } from './pdu-error.ts'

/** The largest depth that old rooms hold, left there by servers that counted up to the end of 64 bits. */
const MAX_LEGACY_DEPTH = 2n ** 63n - 1n

/** A string field. */
export function readString(pdu: JsonObject, key: string): string {
  const value = ownValue(pdu, key)
  if (typeof value !== 'string') throw new PduError(`The event's ${key} is not a string.`)
  return value
}

/** An object field. */
export function readObject(pdu: JsonObject, key: string): JsonObject {
  const value = ownValue(pdu, key)
  if (!isJsonObject(value)) throw new PduError(`The event's ${key} is not an object.`)
  return value
}

/** `type` or `state_key`, at most 255 bytes, or code points in the versions that count these. */
export function readEventKey(
  pdu: JsonObject,
  key: 'type' | 'state_key',
  { eventKeyLimit }: RoomVersionRules,
): string {
  const value = readString(pdu, key)
  if (fitsBytes(value, MAX_EVENT_KEY_BYTES)) return value
  if (eventKeyLimit === 'code-points' && fitsCodePoints(value, MAX_EVENT_KEY_BYTES)) return value
  throw new PduError(`The event's ${key} is longer than ${MAX_EVENT_KEY_BYTES} bytes.`, 'M_TOO_LARGE')
}

/** `origin_server_ts`, in milliseconds since 1970. */
export function readTimestamp(pdu: JsonObject): number {
  const value = ownValue(pdu, 'origin_server_ts')
  if (!isInteger(value)) throw new PduError("The event's origin_server_ts is not an integer.")
  return value
}

/** `depth`, as {@link depthOf} reads it. */
export function readDepth(pdu: JsonObject, version: RoomVersionRules): number {
  const depth = depthOf(pdu, version)
  if (depth !== undefined) return depth
  throw new PduError("The event's depth is not an integer in the range that its room version allows.")
}

/**
 * The depth that a PDU claims, from 0 to 2^53−1. Versions 1 to 5 allow up to 2^63−1, which is read as 2^53−1: the
 * PDU keeps what it said. Undefined when it is none.
 */
export function depthOf(pdu: JsonObject, version: RoomVersionRules): number | undefined {
  const value = ownValue(pdu, 'depth')
  if (isInteger(value)) return value >= 0 ? value : undefined
  if (version.strictCanonicalJson || !(value instanceof LosslessNumber)) return undefined
  const isLegacy = /^\d{16,19}$/.test(value.text) && BigInt(value.text) <= MAX_LEGACY_DEPTH
  return isLegacy ? Number.MAX_SAFE_INTEGER : undefined
}

/** The ids in `prev_events` or `auth_events`. */
export function readEventIds(
  pdu: JsonObject,
  key: 'prev_events' | 'auth_events',
  max: number,
  version: RoomVersionRules,
): string[] {
  const list = ownValue(pdu, key)
  if (!Array.isArray(list)) throw new PduError(`The event's ${key} is not a list.`)
  if (list.length > max) throw new PduError(`The event's ${key} names more than ${max} events.`)
  return list.map((item) => {
    const eventId = version.eventReferences === 'ids' ? item : idOfPair(item)
    if (typeof eventId === 'string' && isEventIdOf(eventId, version)) return eventId
    throw new PduError(`The event's ${key} holds what is not an event id.`)
  })
}

/** Whether a text can be an event id in rooms of this version. */
export function isEventIdOf(eventId: string, version: RoomVersionRules): boolean {
  return version.eventIdFormat === 'in-pdu' ? isEventIdWithDomain(eventId) : isEventId(eventId)
}

/** Checks that `signatures` holds text by server and key id, and `hashes` a `sha256`. */
export function checkProofs(pdu: JsonObject): void {
  readString(readObject(pdu, 'hashes'), 'sha256')
  for (const ofServer of Object.values(readObject(pdu, 'signatures'))) {
    if (!isJsonObject(ofServer) || !Object.values(ofServer).every((text) => typeof text === 'string')) {
      throw new PduError("The event's signatures are not texts by server and key id.")
    }
  }
}

function idOfPair(item: JsonValue): JsonValue | undefined {
  return Array.isArray(item) && item.length === 2 ? item[0] : undefined
}

function isInteger(value: JsonValue | undefined): value is number {
  return Number.isSafeInteger(value)
}
