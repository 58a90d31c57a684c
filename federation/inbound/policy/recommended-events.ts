import type { OpenRoom } from '../../../homeserver/rooms/open-room.ts'
import { roomPolicyServer } from '../../../homeserver/rooms/policy/policy-of-room.ts'
import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import type { SignedPdu } from '../../../protocol/events/room-event.ts'
import {
  isSignedByPolicyServer,
  isSubjectToPolicy,
  type PolicyServer,
} from '../../../protocol/policy-servers/policy-server.ts'
import type { InboundContext } from '../inbound-context.ts'

type RecommendContext = Pick<InboundContext, 'rooms' | 'policySigner' | 'log'>

/** A policy server is asked about so many events of one batch at the same time. */
const MAX_QUESTIONS_AT_ONCE = 5

/**
 * Received events, those with the signature of their room's policy server that came without one (server-server API,
 * "Validating Policy Server signatures"). What it does not sign stays as it is, and the room's writer soft-fails it.
 *
 * @returns the events in their order.
 */
export async function withPolicySignatures(
  context: RecommendContext,
  room: OpenRoom,
  events: readonly SignedPdu[],
): Promise<SignedPdu[]> {
  const policy = await roomPolicyServer(context.rooms, room)
  const answered = [...events]
  if (!policy) return answered
  const left = [...events.entries()].filter(([, event]) => needsSignature(event, policy)).reverse()
  const worker = async (): Promise<void> => {
    for (let next = left.pop(); next; next = left.pop()) {
      const [index, event] = next
      answered[index] = await recommendedOrNot(context, event, policy)
    }
  }
  await Promise.all(Array.from({ length: Math.min(MAX_QUESTIONS_AT_ONCE, left.length) }, worker))
  return answered
}

/**
 * One event that another server submits here, recommended by the room's policy server.
 *
 * @throws MatrixError with the refusal, for the server that submits it.
 */
export async function withPolicySignature(
  { rooms, policySigner }: RecommendContext,
  room: OpenRoom,
  event: SignedPdu,
): Promise<SignedPdu> {
  const policy = await roomPolicyServer(rooms, room)
  if (!policy || !needsSignature(event, policy)) return event
  return policySigner.recommend(event, policy)
}

function needsSignature(event: SignedPdu, policy: PolicyServer): boolean {
  return isSubjectToPolicy(event) && !isSignedByPolicyServer(event, policy)
}

async function recommendedOrNot(
  { policySigner, log }: RecommendContext,
  event: SignedPdu,
  policy: PolicyServer,
): Promise<SignedPdu> {
  try {
    return await policySigner.recommend(event, policy)
  } catch (error) {
    if (!(error instanceof MatrixError)) throw error
    log.debug(
      { eventId: event.eventId, reason: error.message },
      'a policy server does not recommend an event',
    )
    return event
  }
}
