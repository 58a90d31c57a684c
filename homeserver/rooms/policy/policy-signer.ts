import type { RoomEvent, SignedPdu } from '../../../protocol/events/room-event.ts'
import type { PolicyServer } from '../../../protocol/policy-servers/policy-server.ts'

/** Has events signed by the policy servers of their rooms. */
export interface PolicySigner {
  /**
   * Asks a policy server whether it recommends an event (server-server API, "Asking for a Policy Server signature on
   * an event").
   *
   * @returns the event with its signature, which is verified.
   * @throws MatrixError with the policy server's own refusal, or in our words where it could not be asked.
   */
  recommend(event: RoomEvent, policy: PolicyServer): Promise<SignedPdu>
}
