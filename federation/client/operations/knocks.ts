import type { JsonObject } from '../../../protocol/json/value.ts'
import type { FederationTransport } from '../transport/federation-transport.ts'
import { Answer } from './answer.ts'
import { MAX_EVENT_BYTES, MAX_STRIPPED_STATE_BYTES, MAX_STRIPPED_STATE_EVENTS } from './limits.ts'
import { readTemplate, type MembershipTemplate } from './membership-template.ts'
import { target } from './target.ts'

export interface KnockOperations {
  /** Asks a resident server for a knock (`GET /_matrix/federation/v1/make_knock/…`). */
  makeKnock(
    destination: string,
    roomId: string,
    userId: string,
    versions: readonly string[],
  ): Promise<MembershipTemplate>
  /**
   * Sends a signed knock to a resident server (`PUT /_matrix/federation/v1/send_knock/…`).
   *
   * @returns events that tell what room it is, not verified.
   */
  sendKnock(
    destination: string,
    roomId: string,
    eventId: string,
    pdu: JsonObject,
  ): Promise<readonly JsonObject[]>
}

export function knockOperations(transport: FederationTransport): KnockOperations {
  return {
    async makeKnock(destination, roomId, userId, versions) {
      const answer = await transport.request(destination, {
        method: 'GET',
        target: target('/_matrix/federation/v1/make_knock', [roomId, userId], { ver: versions }),
        maxAnswerBytes: MAX_EVENT_BYTES,
      })
      return readTemplate(destination, answer)
    },

    async sendKnock(destination, roomId, eventId, pdu) {
      const answer = await transport.request(destination, {
        method: 'PUT',
        target: target('/_matrix/federation/v1/send_knock', [roomId, eventId]),
        body: pdu,
        maxAnswerBytes: MAX_STRIPPED_STATE_BYTES,
      })
      return new Answer(destination, answer).objects('knock_room_state', MAX_STRIPPED_STATE_EVENTS)
    },
  }
}
