import { parsePdu } from '../../protocol/events/parse-pdu.ts'
import { redactPdu } from '../../protocol/events/redact.ts'
import type { RoomEvent, SignedPdu } from '../../protocol/events/room-event.ts'
import { signingKeyIds, verifySignedJson } from '../../protocol/events/verify.ts'
import { isJsonObject, ownValue, type JsonObject } from '../../protocol/json/value.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import { isValidForEvent } from '../keys/verify-key.ts'
import { UnusableAnswerError } from './try-servers.ts'

/** Servers sign with one key, with two while they rotate. */
const MAX_SIGNATURES = 5

/**
 * Our own event with the signature of another server added. Only the signature is taken from what came back.
 *
 * @throws UnusableAnswerError when there is no signature of `server` that verifies.
 */
export async function withSignatureOf(
  server: string,
  event: RoomEvent,
  answered: JsonObject,
  keyRing: KeyRing,
): Promise<SignedPdu> {
  const theirs = signaturesIn(answered, server)
  const ours = ownValue(event.pdu, 'signatures')
  const pdu: JsonObject = {
    ...event.pdu,
    signatures: { ...(isJsonObject(ours) ? ours : {}), [server]: theirs },
  }
  const keyIds = signingKeyIds(pdu, server)
  const minimumValidUntil = event.version.enforceKeyValidity ? event.originServerTs : 0
  const known = await keyRing.keysFor(keyIds.map((keyId) => ({ server, keyId, minimumValidUntil })))
  const reference = redactPdu(pdu, event.version)
  const verified = keyIds.some((keyId) => {
    const key = known.get(server)?.get(keyId)
    return (
      key !== undefined &&
      isValidForEvent(key, event.originServerTs, event.version.enforceKeyValidity) &&
      verifySignedJson(reference, server, keyId, key.publicKey)
    )
  })
  if (!verified) throw new UnusableAnswerError(`the event came back without a valid signature of ${server}`)
  const signed = parsePdu(pdu, event.version)
  if (signed.eventId !== event.eventId) throw new UnusableAnswerError('the signature changes the event id')
  return signed as RoomEvent as SignedPdu
}

function signaturesIn(answered: JsonObject, server: string): JsonObject {
  const all = ownValue(answered, 'signatures')
  const theirs = isJsonObject(all) ? ownValue(all, server) : undefined
  if (!isJsonObject(theirs)) throw new UnusableAnswerError(`the event came back unsigned by ${server}`)
  const texts = Object.entries(theirs).filter(([, signature]) => typeof signature === 'string')
  return Object.fromEntries(texts.slice(0, MAX_SIGNATURES))
}
