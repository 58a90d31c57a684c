import { referenceJson } from '../../protocol/events/event-id.ts'
import { redactPdu } from '../../protocol/events/redact.ts'
import { canonicalJson } from '../../protocol/json/canonical.ts'
import { parseJson } from '../../protocol/json/parse.ts'
import { isJsonObject, ownValue, type JsonObject } from '../../protocol/json/value.ts'
import { roomVersion } from '../../protocol/room-versions/room-versions.ts'
import type { RoomVersionRules } from '../../protocol/room-versions/rules.ts'

/**
 * The bytes that take the place of a redacted event's.
 *
 * @param versionId of its room.
 * @returns undefined for a create event, which keeps its content: the auth rules read more of it than the redacted
 *   form has before room version 11, and no user wrote it.
 * @throws Error when the event cannot be read, or its redacted form had another reference hash: then event id and
 *   signatures would no longer prove it, so it is better kept.
 */
export function censoredPdu(bytes: Buffer, versionId: string | null): Buffer | undefined {
  const version = versionId === null ? undefined : roomVersion(versionId)
  if (!version) throw new Error('the room version is unknown')
  const pdu = readPdu(bytes)
  if (ownValue(pdu, 'type') === 'm.room.create') return undefined
  const censored = Buffer.from(
    canonicalJson(redactPdu(pdu, version), { strict: version.strictCanonicalJson }),
    'utf8',
  )
  if (!provesTheSame(pdu, readPdu(censored), version))
    throw new Error('the redacted form has another reference hash')
  return censored
}

/** Signatures cover the reference text, and event ids from version 3 on are its hash. */
function provesTheSame(whole: JsonObject, censored: JsonObject, version: RoomVersionRules): boolean {
  return referenceJson(whole, version) === referenceJson(censored, version)
}

function readPdu(bytes: Buffer): JsonObject {
  const pdu = parseJson(bytes)
  if (!isJsonObject(pdu)) throw new Error('the event is stored in a form that cannot be read')
  return pdu
}
