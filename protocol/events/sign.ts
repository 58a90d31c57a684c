import type { KeyObject } from 'node:crypto'
import { signText } from '../crypto/ed25519.ts'
import { canonicalJson, type CanonicalJsonOptions } from '../json/canonical.ts'
import { isJsonObject, type JsonObject, ownValue } from '../json/value.ts'
import type { RoomVersionRules } from '../room-versions/rules.ts'
import { referenceJson } from './event-id.ts'

/** Who signs, and with what. */
export interface Signer {
  readonly serverName: string
  /** `ed25519:a_1234` for example. */
  readonly keyId: string
  readonly privateKey: KeyObject
}

/**
 * A copy of a PDU that also has our signature. Sign only what we built or what the specification asks us to sign.
 *
 * @param pdu with its content hash.
 * @throws CanonicalJsonError
 */
export function signPdu(pdu: JsonObject, version: RoomVersionRules, signer: Signer): JsonObject {
  return withSignature(pdu, signer, signText(referenceJson(pdu, version), signer.privateKey))
}

/**
 * A copy of a JSON object that also has our signature (appendices, "Signing JSON").
 *
 * @param options not strict for a request that carries events of room versions 1 to 5.
 * @throws CanonicalJsonError
 */
export function signJson(
  object: JsonObject,
  signer: Signer,
  options?: Pick<CanonicalJsonOptions, 'strict'>,
): JsonObject {
  const text = canonicalJson(object, { ...options, omit: ['signatures', 'unsigned'] })
  return withSignature(object, signer, signText(text, signer.privateKey))
}

/** A copy of an object with one more signature. */
export function withSignature(
  object: JsonObject,
  signer: Pick<Signer, 'serverName' | 'keyId'>,
  signature: string,
): JsonObject {
  const signatures = objectAt(object, 'signatures')
  const ours = { ...objectAt(signatures, signer.serverName), [signer.keyId]: signature }
  return { ...object, signatures: { ...signatures, [signer.serverName]: ours } }
}

function objectAt(object: JsonObject, key: string): JsonObject {
  const value = ownValue(object, key)
  return isJsonObject(value) ? value : {}
}
