import { encodeBase64, encodeBase64Url } from '../crypto/base64.ts'
import { sha256 } from '../crypto/sha256.ts'
import { canonicalJson } from '../json/canonical.ts'
import { type JsonObject, ownValue } from '../json/value.ts'
import type { RoomVersionRules } from '../room-versions/rules.ts'
import { PduError } from './pdu-error.ts'
import { redactPdu } from './redact.ts'

const NOT_COVERED = ['signatures', 'unsigned']

/**
 * The text that the reference hash and every signature of a PDU cover: its redacted form without `signatures`
 * and `unsigned`, as canonical JSON (server-server API, "Calculating the reference hash for an event").
 *
 * @throws CanonicalJsonError
 */
export function referenceJson(pdu: JsonObject, version: RoomVersionRules): string {
  return canonicalJson(redactPdu(pdu, version), { strict: version.strictCanonicalJson, omit: NOT_COVERED })
}

/**
 * The event id of a PDU: its own claim in versions 1 and 2, its reference hash from version 3 on.
 *
 * @throws PduError when a version 1 or 2 PDU claims none, CanonicalJsonError
 */
export function eventIdOf(pdu: JsonObject, version: RoomVersionRules): string {
  if (version.eventIdFormat !== 'in-pdu') return eventIdOfReference(referenceJson(pdu, version), version)
  const eventId = ownValue(pdu, 'event_id')
  if (typeof eventId !== 'string') throw new PduError('The event has no event_id.')
  return eventId
}

/** The event id that a {@link referenceJson} hashes to, from version 3 on. */
export function eventIdOfReference(reference: string, version: RoomVersionRules): string {
  const hash = sha256(reference)
  return `$${version.eventIdFormat === 'hash-standard-base64' ? encodeBase64(hash) : encodeBase64Url(hash)}`
}

/** The room id of versions 12 and later: the id of the create event, with the sigil of a room. */
export function roomIdOfCreate(eventId: string): string {
  return `!${eventId.slice(1)}`
}
