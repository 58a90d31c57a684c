import { decodeBase64, encodeBase64 } from '../crypto/base64.ts'
import { sha256 } from '../crypto/sha256.ts'
import { canonicalJson } from '../json/canonical.ts'
import { isJsonObject, type JsonObject, ownValue } from '../json/value.ts'
import type { RoomVersionRules } from '../room-versions/rules.ts'

const NOT_COVERED = ['unsigned', 'signatures', 'hashes']

/**
 * The content hash of a PDU, over all of it before redaction (server-server API, "Calculating the content hash
 * for an event").
 *
 * @returns 32 bytes.
 * @throws CanonicalJsonError
 */
export function contentHash(pdu: JsonObject, version: RoomVersionRules): Uint8Array {
  return sha256(canonicalJson(pdu, { strict: version.strictCanonicalJson, omit: NOT_COVERED }))
}

/** A copy of a PDU with its content hash in `hashes`. */
export function withContentHash(pdu: JsonObject, version: RoomVersionRules): JsonObject {
  return { ...pdu, hashes: { sha256: encodeBase64(contentHash(pdu, version)) } }
}

/** Whether `hashes.sha256` is the content hash. Where it is not, only the redacted form is proven. */
export function contentHashMatches(pdu: JsonObject, version: RoomVersionRules): boolean {
  const hashes = ownValue(pdu, 'hashes')
  const claimed = isJsonObject(hashes) ? ownValue(hashes, 'sha256') : undefined
  const bytes = typeof claimed === 'string' ? decodeBase64(claimed) : undefined
  return bytes !== undefined && Buffer.compare(bytes, contentHash(pdu, version)) === 0
}
