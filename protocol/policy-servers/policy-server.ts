import type { KeyObject } from 'node:crypto'
import { publicKeyFromBase64 } from '../crypto/ed25519.ts'
import { checkSize } from '../events/parse-pdu.ts'
import { redactPdu } from '../events/redact.ts'
import type { RoomEvent, SignedPdu } from '../events/room-event.ts'
import { withSignature } from '../events/sign.ts'
import { verifySignedJson } from '../events/verify.ts'
import { isJsonObject, ownValue, type JsonObject } from '../json/value.ts'

/** The state event that names a room's policy server, always with an empty state key. */
export const POLICY_EVENT = 'm.room.policy'
/** Under this name a policy server signs, whatever its key (server-server API, "Validating Policy Server signatures"). */
export const POLICY_KEY_ID = 'ed25519:policy_server'

/** What a room's state says of its policy server. */
export interface PolicyServer {
  readonly serverName: string
  /** As the room names it. */
  readonly publicKeyBase64: string
  /** Undefined for what is no key: then nothing that the server signs is valid, and only another policy helps. */
  readonly publicKey: KeyObject | undefined
}

/**
 * The policy server that the content of `m.room.policy` names; undefined where it is not valid, so that the room has
 * none (server-server API, "Determining if a Policy Server is enabled in a room").
 */
export function policyServerOf(content: JsonObject): PolicyServer | undefined {
  const via = ownValue(content, 'via')
  const keys = ownValue(content, 'public_keys')
  const key = isJsonObject(keys) ? ownValue(keys, 'ed25519') : undefined
  if (typeof via !== 'string' || typeof key !== 'string') return undefined
  return { serverName: via, publicKeyBase64: key, publicKey: publicKeyFromBase64(key) }
}

/** Whether a policy server is asked about an event: about all but the one that can take the policy server away. */
export function isSubjectToPolicy({ type, stateKey }: Pick<RoomEvent, 'type' | 'stateKey'>): boolean {
  return type !== POLICY_EVENT || stateKey !== ''
}

/** Whether an event has a signature of the policy server by the key that the room names. */
export function isSignedByPolicyServer(event: RoomEvent, { serverName, publicKey }: PolicyServer): boolean {
  if (!publicKey) return false
  return verifySignedJson(redactPdu(event.pdu, event.version), serverName, POLICY_KEY_ID, publicKey)
}

/**
 * An event with a signature of its room's policy server added.
 *
 * @throws PduError when it becomes too large by it.
 */
export function withPolicySignature(event: RoomEvent, policy: PolicyServer, signature: string): SignedPdu {
  const signer = { serverName: policy.serverName, keyId: POLICY_KEY_ID }
  const pdu = withSignature(event.pdu, signer, signature)
  checkSize(pdu, event.version)
  return { ...event, pdu } as RoomEvent as SignedPdu
}
