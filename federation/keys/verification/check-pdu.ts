import { PduError, PduSignatureError } from '../../../protocol/events/pdu-error.ts'
import { parsePdu } from '../../../protocol/events/parse-pdu.ts'
import type { SignedPdu, UnverifiedPdu } from '../../../protocol/events/room-event.ts'
import {
  requiredSigners,
  signingKeyIds,
  toSignedPdu,
  toSignedPduAside,
  type KeyLookup,
} from '../../../protocol/events/verify.ts'
import { serverOf } from '../../../protocol/identifiers/user-id.ts'
import { isJsonObject, type JsonValue } from '../../../protocol/json/value.ts'
import type { RoomVersionRules } from '../../../protocol/room-versions/rules.ts'
import type { KeyRequest, KnownKeys } from '../key-request.ts'
import { isValidForEvent } from '../verify-key.ts'

/** Servers sign with one key, with two while they rotate; more are looked up for nobody. */
const MAX_KEYS_PER_SIGNER = 5

/** Why a PDU is not to be worked with. `eventId` is undefined when it was too malformed to have one. */
export interface FailedPdu {
  readonly ok: false
  readonly eventId: string | undefined
  /** One that fails for `missing-key` may pass later, when its server can be reached; `invalid` never will. */
  readonly why: 'invalid' | 'missing-key'
  readonly reason: string
}

/** What became of a received PDU. */
export type PduVerification = { readonly ok: true; readonly event: SignedPdu } | FailedPdu

/** The first check: the format. */
export function readPdu(pdu: JsonValue, version: RoomVersionRules): UnverifiedPdu | FailedPdu {
  return attempt(() => {
    if (!isJsonObject(pdu)) throw new PduError('The event is no JSON object.')
    return parsePdu(pdu, version)
  })
}

/** The second and third: signatures and content hash. */
export function checkPdu(event: UnverifiedPdu, keys: KnownKeys): PduVerification {
  return attempt(() => ({ ok: true, event: toSignedPdu(event, keyLookup(event, keys)) }), event.eventId)
}

/** As {@link checkPdu}, with the arithmetic of signatures in other threads. */
export async function checkPduAside(event: UnverifiedPdu, keys: KnownKeys): Promise<PduVerification> {
  try {
    return { ok: true, event: await toSignedPduAside(event, keyLookup(event, keys)) }
  } catch (error) {
    return failedPdu(error, event.eventId)
  }
}

function keyLookup(event: UnverifiedPdu, keys: KnownKeys): KeyLookup {
  return (server, keyId) => {
    const key = keys.get(server)?.get(keyId)
    const valid = key && isValidForEvent(key, event.originServerTs, event.version.enforceKeyValidity)
    return valid ? key.publicKey : undefined
  }
}

/**
 * The keys that the second check may need. The sender's server is asked for in any case: redaction for a wrong hash
 * may take away what excused it.
 */
export function keyRequests(event: UnverifiedPdu): KeyRequest[] {
  const signers = new Set([serverOf(event.sender), ...signersOf(event)])
  const minimumValidUntil = event.version.enforceKeyValidity ? event.originServerTs : 0
  return [...signers].flatMap((server) =>
    signingKeyIds(event.pdu, server)
      .slice(0, MAX_KEYS_PER_SIGNER)
      .map((keyId) => ({ server, keyId, minimumValidUntil })),
  )
}

function attempt<Result>(task: () => Result, eventId?: string): Result | FailedPdu {
  try {
    return task()
  } catch (error) {
    return failedPdu(error, eventId)
  }
}

/** @throws what is no fault of the event. */
function failedPdu(error: unknown, eventId: string | undefined): FailedPdu {
  if (!(error instanceof PduError)) throw error
  const missingKey = error instanceof PduSignatureError && error.reason === 'unknown-key'
  return { ok: false, eventId, why: missingKey ? 'missing-key' : 'invalid', reason: error.message }
}

function signersOf(event: UnverifiedPdu): string[] {
  try {
    return requiredSigners(event)
  } catch {
    // The check itself meets the same error and reports it.
    return []
  }
}
