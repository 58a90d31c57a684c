import { randomBytes } from 'node:crypto'
import { encodeBase64Url } from '../crypto/base64.ts'
import { signText } from '../crypto/ed25519.ts'
import { CanonicalJsonError } from '../json/canonical.ts'
import type { JsonObject, JsonValue } from '../json/value.ts'
import type { RoomVersionRules } from '../room-versions/rules.ts'
import { withContentHash } from './content-hash.ts'
import { eventIdOfReference, referenceJson } from './event-id.ts'
import { checkSize, readPdu } from './parse-pdu.ts'
import { PduError } from './pdu-error.ts'
import type { SignedPdu } from './room-event.ts'
import { type Signer, withSignature } from './sign.ts'

/** What an event that we create says. */
export interface PduFields {
  readonly type: string
  readonly sender: string
  /** Left out for a create event of version 12. */
  readonly roomId?: string | undefined
  /** Left out for an event that is not state. */
  readonly stateKey?: string | undefined
  readonly content: JsonObject
  /** Milliseconds since 1970. */
  readonly originServerTs: number
  /** One more than the greatest depth of the previous events; kept within 2^53−1. */
  readonly depth: number
  readonly prevEvents: readonly string[]
  readonly authEvents: readonly string[]
  /** For a redaction: goes where the room version keeps it. */
  readonly redacts?: string | undefined
  /** Versions 1 and 2: reference hashes (base64) of the events named, where they are known. */
  readonly referenceHashes?: ReadonlyMap<string, string> | undefined
}

/** 18 random bytes are 24 characters of base64, and cannot be guessed. */
const RANDOM_EVENT_ID_BYTES = 18

/**
 * Builds an event of our own: adds content hash and signature and computes its id.
 *
 * @throws PduError when the event cannot be: too large, no canonical form, malformed ids.
 */
export function buildPdu(fields: PduFields, version: RoomVersionRules, signer: Signer): SignedPdu {
  try {
    const hashed = withContentHash(unsignedPdu(fields, version, signer.serverName), version)
    const reference = referenceJson(hashed, version)
    const pdu = withSignature(hashed, signer, signText(reference, signer.privateKey))
    checkSize(pdu, version)
    const eventId =
      version.eventIdFormat === 'in-pdu' ? pdu['event_id'] : eventIdOfReference(reference, version)
    return readPdu(pdu, version, String(eventId)) as SignedPdu
  } catch (error) {
    if (error instanceof CanonicalJsonError) throw new PduError(error.message)
    throw error
  }
}

function unsignedPdu(fields: PduFields, version: RoomVersionRules, serverName: string): JsonObject {
  const { redacts } = fields
  const inContent = redacts !== undefined && version.redactsInContent
  const pdu: JsonObject = {
    type: fields.type,
    sender: fields.sender,
    content: inContent ? { ...fields.content, redacts } : fields.content,
    origin_server_ts: fields.originServerTs,
    depth: Math.min(fields.depth, Number.MAX_SAFE_INTEGER),
    prev_events: references(fields.prevEvents, fields, version),
    auth_events: references(fields.authEvents, fields, version),
  }
  if (fields.roomId !== undefined) pdu['room_id'] = fields.roomId
  if (fields.stateKey !== undefined) pdu['state_key'] = fields.stateKey
  if (redacts !== undefined && !inContent) pdu['redacts'] = redacts
  if (version.eventIdFormat === 'in-pdu') {
    pdu['event_id'] = `$${encodeBase64Url(randomBytes(RANDOM_EVENT_ID_BYTES))}:${serverName}`
  }
  return pdu
}

function references(ids: readonly string[], fields: PduFields, version: RoomVersionRules): JsonValue[] {
  if (version.eventReferences === 'ids') return [...ids]
  return ids.map((id): JsonValue => {
    const hash = fields.referenceHashes?.get(id)
    return [id, hash === undefined ? {} : { sha256: hash }]
  })
}
