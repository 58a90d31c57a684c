import type { JsonObject } from '../../../protocol/json/value.ts'
import type { FederationTransport } from '../transport/federation-transport.ts'
import { MAX_EVENT_BYTES } from './limits.ts'
import { readTemplate, type MembershipTemplate } from './membership-template.ts'
import { target } from './target.ts'

export interface LeaveOperations {
  /** Asks a resident server for a leave (`GET /_matrix/federation/v1/make_leave/…`). */
  makeLeave(destination: string, roomId: string, userId: string): Promise<MembershipTemplate>
  /** Sends a signed leave to a resident server (`PUT /_matrix/federation/v2/send_leave/…`). */
  sendLeave(destination: string, roomId: string, eventId: string, pdu: JsonObject): Promise<void>
}

export function leaveOperations(transport: FederationTransport): LeaveOperations {
  return {
    async makeLeave(destination, roomId, userId) {
      const answer = await transport.request(destination, {
        method: 'GET',
        target: target('/_matrix/federation/v1/make_leave', [roomId, userId]),
        maxAnswerBytes: MAX_EVENT_BYTES,
      })
      return readTemplate(destination, answer)
    },

    async sendLeave(destination, roomId, eventId, pdu) {
      await transport.request(destination, {
        method: 'PUT',
        target: target('/_matrix/federation/v2/send_leave', [roomId, eventId]),
        body: pdu,
      })
    },
  }
}
