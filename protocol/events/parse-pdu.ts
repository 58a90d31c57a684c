import { isHashRoomId, isRoomIdWithDomain } from '../identifiers/room-id.ts'
import { isUserId } from '../identifiers/user-id.ts'
import { canonicalJson, CanonicalJsonError } from '../json/canonical.ts'
import { hasDuplicateKeys } from '../json/duplicate-keys.ts'
import { type JsonObject, ownValue } from '../json/value.ts'
import type { RoomVersionRules } from '../room-versions/rules.ts'
import { eventIdOf, roomIdOfCreate } from './event-id.ts'
import { PduError } from './pdu-error.ts'
import * as fields from './pdu-fields.ts'
import { redactsOf } from './redacts.ts'
import type { RoomEvent, UnverifiedPdu } from './room-event.ts'

/** The most bytes of an event as canonical JSON with its signatures (client-server API, "Size limits"). */
export const MAX_PDU_BYTES = 65_536
/** Server-server API, definitions of PDUs: an auth event selection never needs more. */
export const MAX_AUTH_EVENTS = 10
/** Server-server API, definitions of PDUs. */
export const MAX_PREV_EVENTS = 20

/**
 * Checks the format of a PDU against its room version and reads its fields: the first of the checks on receipt
 * (server-server API, "Checks performed on receipt of a PDU"). `unsigned` is another server's word and covered
 * by nothing; it is dropped and counts neither for validity nor for size.
 *
 * @throws PduError with a sentence that says what is wrong.
 */
export function parsePdu(pdu: JsonObject, version: RoomVersionRules): UnverifiedPdu {
  const proven = withoutUnsigned(pdu, version)
  try {
    checkSize(proven, version)
    return readPdu(proven, version, eventIdOf(proven, version)) as UnverifiedPdu
  } catch (error) {
    if (error instanceof CanonicalJsonError) throw new PduError(error.message)
    throw error
  }
}

/**
 * Reads the fields of a PDU whose event id is known.
 *
 * @throws PduError
 */
export function readPdu(pdu: JsonObject, version: RoomVersionRules, eventId: string): RoomEvent {
  if (!fields.isEventIdOf(eventId, version)) throw new PduError("The event's event_id is not an event id.")
  const sender = fields.readString(pdu, 'sender')
  if (!isUserId(sender)) throw new PduError("The event's sender is not a user id.")
  const type = fields.readEventKey(pdu, 'type', version)
  const content = fields.readObject(pdu, 'content')
  fields.checkProofs(pdu)
  const prevEvents = fields.readEventIds(pdu, 'prev_events', MAX_PREV_EVENTS, version)
  const authEvents = fields.readEventIds(pdu, 'auth_events', MAX_AUTH_EVENTS, version)
  // Only where an event gives itself its id can it name itself.
  if (prevEvents.includes(eventId) || authEvents.includes(eventId)) {
    throw new PduError('The event is among its own causes.')
  }
  return {
    eventId,
    roomId: readRoomId(pdu, type, version, eventId),
    type,
    sender,
    stateKey: Object.hasOwn(pdu, 'state_key') ? fields.readEventKey(pdu, 'state_key', version) : undefined,
    content,
    originServerTs: fields.readTimestamp(pdu),
    depth: fields.readDepth(pdu, version),
    prevEvents,
    authEvents,
    redacts: redactsOf(pdu, type, content, version),
    version,
    pdu,
  }
}

/**
 * Checks that a PDU has a canonical form of at most {@link MAX_PDU_BYTES}.
 *
 * @throws PduError, CanonicalJsonError
 */
export function checkSize(pdu: JsonObject, version: RoomVersionRules): void {
  const text = canonicalJson(pdu, { strict: version.strictCanonicalJson })
  if (text.length > MAX_PDU_BYTES || Buffer.byteLength(text) > MAX_PDU_BYTES) {
    throw new PduError(`The event is larger than ${MAX_PDU_BYTES} bytes.`, 'M_TOO_LARGE')
  }
}

function readRoomId(pdu: JsonObject, type: string, version: RoomVersionRules, eventId: string): string {
  if (version.roomIdIsCreateHash && type === 'm.room.create') {
    if (ownValue(pdu, 'room_id') === undefined) return roomIdOfCreate(eventId)
    throw new PduError("The create event has a room_id, which is its own hash in the room's version.")
  }
  const roomId = fields.readString(pdu, 'room_id')
  const valid = version.roomIdIsCreateHash ? isHashRoomId(roomId) : isRoomIdWithDomain(roomId)
  if (!valid) throw new PduError("The event's room_id is not a room id of the room's version.")
  return roomId
}

// The copy does not remember that a key was named twice, so that is asked before.
function withoutUnsigned(pdu: JsonObject, version: RoomVersionRules): JsonObject {
  if (!Object.hasOwn(pdu, 'unsigned')) return pdu
  if (version.strictCanonicalJson && hasDuplicateKeys(pdu)) throw new PduError('The event names a key twice.')
  const { unsigned: _, ...proven } = pdu
  return proven
}
