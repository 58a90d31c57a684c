import type { PolicySigner } from '../../homeserver/rooms/policy/policy-signer.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { PduError } from '../../protocol/events/pdu-error.ts'
import type { RoomEvent, SignedPdu } from '../../protocol/events/room-event.ts'
import {
  isSignedByPolicyServer,
  withPolicySignature,
  type PolicyServer,
} from '../../protocol/policy-servers/policy-server.ts'
import type { FederationClient } from '../client/federation-client.ts'
import { FederationRequestError } from '../client/transport/federation-request-error.ts'
import type { FederationLog } from '../client/transport/federation-log.ts'
import type { OwnPolicy } from './own-policy.ts'

export interface PolicySignerDependencies {
  readonly serverName: string
  readonly client: Pick<FederationClient, 'askPolicyServerToSign'>
  /** Undefined where this server is no policy server. */
  readonly ownPolicy: OwnPolicy | undefined
  readonly log: FederationLog
}

const TOO_MANY_REQUESTS = 429
/** What clients are told to wait where the policy server has had enough of us. */
const RETRY_AFTER_MS = 5_000

/** Asks policy servers, this one without a request. */
export function createPolicySigner(dependencies: PolicySignerDependencies): PolicySigner {
  const { serverName, client, ownPolicy, log } = dependencies

  const signatureOf = async (event: RoomEvent, policy: PolicyServer): Promise<string> => {
    if (policy.serverName !== serverName) return client.askPolicyServerToSign(policy.serverName, event.pdu)
    if (!ownPolicy) throw forbidden('The room names this server as its policy server, and it is none')
    const refusal = ownPolicy.refusal(event)
    if (refusal !== undefined) throw forbidden(refusal)
    return ownPolicy.sign(event)
  }

  return {
    async recommend(event, policy) {
      try {
        const signed = withSignature(event, policy, await signatureOf(event, policy))
        if (isSignedByPolicyServer(signed, policy)) return signed
      } catch (error) {
        if (!(error instanceof FederationRequestError)) throw error
        log.info(
          { server: policy.serverName, reason: error.message },
          'a policy server has not signed an event',
        )
        throw refusalOf(policy, error)
      }
      throw forbidden(
        `${policy.serverName} does not sign with the key that the room names for its policy server`,
      )
    },
  }
}

function withSignature(event: RoomEvent, policy: PolicyServer, signature: string): SignedPdu {
  try {
    return withPolicySignature(event, policy, signature)
  } catch (error) {
    if (!(error instanceof PduError)) throw error
    throw new MatrixError(
      413,
      'M_TOO_LARGE',
      'The event is too large with the signature of the policy server',
    )
  }
}

/**
 * The one refusal of another server that a client is to be shown as it is (server-server API, "Validating Policy
 * Server signatures"), and only where it is one: nothing else that the server says becomes our own.
 */
function refusalOf({ serverName }: PolicyServer, { kind, status, errcode, told }: FederationRequestError) {
  if (kind === 'refused' && errcode === 'M_FORBIDDEN') {
    return new MatrixError(
      status === 403 ? 403 : 400,
      'M_FORBIDDEN',
      told ?? 'The policy server refuses this',
    )
  }
  if (status === TOO_MANY_REQUESTS) {
    const sentence = `The policy server ${serverName} asks for patience`
    return new MatrixError(TOO_MANY_REQUESTS, 'M_LIMIT_EXCEEDED', sentence, {
      retry_after_ms: RETRY_AFTER_MS,
    })
  }
  return new MatrixError(502, 'M_UNKNOWN', `The policy server ${serverName} could not be asked`)
}

function forbidden(sentence: string): MatrixError {
  return new MatrixError(403, 'M_FORBIDDEN', sentence)
}
