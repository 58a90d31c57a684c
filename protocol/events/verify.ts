import type { KeyObject } from 'node:crypto'
import { verifyText, verifyTextAside } from '../crypto/ed25519.ts'
import { canonicalJson, CanonicalJsonError } from '../json/canonical.ts'
import { isJsonObject, type JsonObject, ownValue } from '../json/value.ts'
import { contentHashMatches } from './content-hash.ts'
import { referenceJson } from './event-id.ts'
import { PduSignatureError } from './pdu-error.ts'
import { redactEvent } from './redact.ts'
import { requiredSigners } from './required-signers.ts'
import type { RoomEvent, SignedPdu, UnverifiedPdu } from './room-event.ts'

export { requiredSigners } from './required-signers.ts'

/**
 * The public key of a server that was valid when the event at hand was made, or undefined. From version 5 on the
 * caller answers by the event's `origin_server_ts` (`RoomVersionRules.enforceKeyValidity`).
 */
export type KeyLookup = (server: string, keyId: string) => KeyObject | undefined

/**
 * Whether `entity` signed a JSON object with a key (appendices, "Checking for a Signature"). Numbers that
 * canonical JSON forbids do not fail the check by themselves: requests may carry events of old room versions.
 *
 * @param entity a server name, or a user id for the keys of a user.
 */
export function verifySignedJson(
  object: JsonObject,
  entity: string,
  keyId: string,
  publicKey: KeyObject,
): boolean {
  const signature = ownValue(signaturesOf(object, entity), keyId)
  if (typeof signature !== 'string') return false
  try {
    const text = canonicalJson(object, { strict: false, omit: ['signatures', 'unsigned'] })
    return verifyText(text, signature, publicKey)
  } catch (error) {
    if (error instanceof CanonicalJsonError) return false
    throw error
  }
}

/** The ids of the Ed25519 keys with which `entity` claims to have signed an object: those to look up. */
export function signingKeyIds(object: JsonObject, entity: string): string[] {
  return Object.keys(signaturesOf(object, entity)).filter((keyId) => keyId.startsWith('ed25519:'))
}

/**
 * Checks signatures and content hash of a received event. Where the hash does not match, the redacted form is
 * what was signed: it is returned, and it alone decides who must have signed, so that a false hash cannot take
 * away the very key that excused a missing signature.
 *
 * @throws PduSignatureError for the first required signature that is missing, unknown or wrong; PduError
 */
export function toSignedPdu(event: UnverifiedPdu, keyOf: KeyLookup): SignedPdu {
  const checks = signatureChecks(event, keyOf)
  for (let step = checks.next(); ; step = checks.next(verifyText(...step.value))) {
    if (step.done) return step.value
  }
}

/** As {@link toSignedPdu}, with the arithmetic, which is nearly all of the work, in other threads. */
export async function toSignedPduAside(event: UnverifiedPdu, keyOf: KeyLookup): Promise<SignedPdu> {
  const checks = signatureChecks(event, keyOf)
  for (let step = checks.next(); ; step = checks.next(await verifyTextAside(...step.value))) {
    if (step.done) return step.value
  }
}

/** What is to be verified of an event, one after the other: each is resumed with whether it was right. */
type SignatureChecks<Result> = Generator<Parameters<typeof verifyText>, Result, boolean>

function* signatureChecks(event: UnverifiedPdu, keyOf: KeyLookup): SignatureChecks<SignedPdu> {
  const kept = contentHashMatches(event.pdu, event.version) ? event : redactEvent(event)
  const text = referenceJson(kept.pdu, kept.version)
  for (const server of requiredSigners(kept)) yield* checkSignature(kept.pdu, server, text, keyOf)
  return { ...kept } as RoomEvent as SignedPdu
}

function* checkSignature(
  pdu: JsonObject,
  server: string,
  text: string,
  keyOf: KeyLookup,
): SignatureChecks<void> {
  const signatures = signaturesOf(pdu, server)
  const keyIds = signingKeyIds(pdu, server)
  if (keyIds.length === 0) throw new PduSignatureError(server, 'missing')
  let known = false
  for (const keyId of keyIds) {
    const publicKey = keyOf(server, keyId)
    if (publicKey === undefined) continue
    const signature = ownValue(signatures, keyId)
    if (typeof signature !== 'string' || !(yield [text, signature, publicKey])) {
      throw new PduSignatureError(server, 'invalid')
    }
    known = true
  }
  if (!known) throw new PduSignatureError(server, 'unknown-key')
}

function signaturesOf(object: JsonObject, entity: string): JsonObject {
  const signatures = ownValue(object, 'signatures')
  const ofEntity = isJsonObject(signatures) ? ownValue(signatures, entity) : undefined
  return isJsonObject(ofEntity) ? ofEntity : {}
}
