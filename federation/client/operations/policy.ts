import { isJsonObject, ownValue, type JsonObject } from '../../../protocol/json/value.ts'
import { POLICY_KEY_ID } from '../../../protocol/policy-servers/policy-server.ts'
import { FederationRequestError } from '../transport/federation-request-error.ts'
import type { FederationTransport } from '../transport/federation-transport.ts'
import { MAX_EVENT_BYTES } from './limits.ts'

export interface PolicyOperations {
  /**
   * Asks a policy server for its signature of an event (`POST /_matrix/policy/v1/sign`).
   *
   * @returns the signature, which is not verified.
   */
  askPolicyServerToSign(destination: string, pdu: JsonObject): Promise<string>
}

/** A person waits for the answer before the message is sent, and so do all who send with that person's event. */
const SIGN_TIMEOUT_MS = 10_000

export function policyOperations(transport: FederationTransport): PolicyOperations {
  return {
    async askPolicyServerToSign(destination, pdu) {
      const answer = await transport.request(destination, {
        method: 'POST',
        target: '/_matrix/policy/v1/sign',
        body: pdu,
        timeoutMs: SIGN_TIMEOUT_MS,
        maxAnswerBytes: MAX_EVENT_BYTES,
      })
      const ofServer = ownValue(answer, destination)
      const signature = isJsonObject(ofServer) ? ownValue(ofServer, POLICY_KEY_ID) : undefined
      if (typeof signature === 'string') return signature
      throw new FederationRequestError(destination, 'bad-answer', 'the answer holds no signature')
    },
  }
}
