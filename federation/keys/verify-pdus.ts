import { setImmediate as nextTurn } from 'node:timers/promises'
import { PduError, PduSignatureError } from '../../protocol/events/pdu-error.ts'
import { parsePdu } from '../../protocol/events/parse-pdu.ts'
import type { SignedPdu, UnverifiedPdu } from '../../protocol/events/room-event.ts'
import { requiredSigners, signingKeyIds, toSignedPdu } from '../../protocol/events/verify.ts'
import { serverOf } from '../../protocol/identifiers/user-id.ts'
import { isJsonObject, type JsonValue } from '../../protocol/json/value.ts'
import type { RoomVersionRules } from '../../protocol/room-versions/rules.ts'
import type { KeyRequest, KnownKeys } from './key-request.ts'
import type { KeyRing } from './key-ring.ts'
import { isValidForEvent } from './verify-key.ts'

/** Servers sign with one key, with two while they rotate; more are looked up for nobody. */
const MAX_KEYS_PER_SIGNER = 5
/** A signature takes 0.1 ms to check; after this many, other work gets its turn. */
const CHECKS_PER_TURN = 50

/**
 * What became of a received PDU. `eventId` is undefined when the PDU was too malformed to have one. A PDU that fails
 * for `missing-key` may pass later, when its server can be reached; one that is `invalid` never will.
 */
export type PduVerification =
  | { readonly ok: true; readonly event: SignedPdu }
  | {
      readonly ok: false
      readonly eventId: string | undefined
      readonly why: 'invalid' | 'missing-key'
      readonly reason: string
    }

/**
 * The first three checks on received PDUs of one room version: format, signatures, content hash (server-server
 * API, "Checks performed on receipt of a PDU"). The keys of all of them are gathered in one go.
 *
 * @returns one result for each PDU, in their order.
 */
export async function verifyPdus(
  keyRing: KeyRing,
  pdus: readonly JsonValue[],
  version: RoomVersionRules,
): Promise<PduVerification[]> {
  const parsed: (UnverifiedPdu | PduVerification)[] = []
  for (const [index, pdu] of pdus.entries()) {
    if (index % CHECKS_PER_TURN === CHECKS_PER_TURN - 1) await nextTurn()
    parsed.push(attempt(() => parse(pdu, version)))
  }
  const keys = await keyRing.keysFor(parsed.flatMap((event) => ('ok' in event ? [] : keyRequests(event))))
  const results: PduVerification[] = []
  for (const [index, event] of parsed.entries()) {
    if (index % CHECKS_PER_TURN === CHECKS_PER_TURN - 1) await nextTurn()
    results.push('ok' in event ? event : attempt(() => check(event, keys), event.eventId))
  }
  return results
}

function parse(pdu: JsonValue, version: RoomVersionRules): UnverifiedPdu {
  if (!isJsonObject(pdu)) throw new PduError('The event is no JSON object.')
  return parsePdu(pdu, version)
}

function check(event: UnverifiedPdu, keys: KnownKeys): PduVerification {
  const signed = toSignedPdu(event, (server, keyId) => {
    const key = keys.get(server)?.get(keyId)
    const valid = key && isValidForEvent(key, event.originServerTs, event.version.enforceKeyValidity)
    return valid ? key.publicKey : undefined
  })
  return { ok: true, event: signed }
}

function attempt<Result>(task: () => Result, eventId?: string): Result | PduVerification {
  try {
    return task()
  } catch (error) {
    if (!(error instanceof PduError)) throw error
    const missingKey = error instanceof PduSignatureError && error.reason === 'unknown-key'
    return { ok: false, eventId, why: missingKey ? 'missing-key' : 'invalid', reason: error.message }
  }
}

/** The sender's server is asked for in any case: redaction for a wrong hash may take away what excused it. */
function keyRequests(event: UnverifiedPdu): KeyRequest[] {
  const signers = new Set([serverOf(event.sender), ...signersOf(event)])
  const minimumValidUntil = event.version.enforceKeyValidity ? event.originServerTs : 0
  return [...signers].flatMap((server) =>
    signingKeyIds(event.pdu, server)
      .slice(0, MAX_KEYS_PER_SIGNER)
      .map((keyId) => ({ server, keyId, minimumValidUntil })),
  )
}

function signersOf(event: UnverifiedPdu): string[] {
  try {
    return requiredSigners(event)
  } catch {
    // The check itself meets the same error and reports it.
    return []
  }
}
