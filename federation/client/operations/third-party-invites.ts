import type { JsonObject } from '../../../protocol/json/value.ts'
import type { FederationTransport } from '../transport/federation-transport.ts'
import { target } from './target.ts'

export interface ThirdPartyInviteOperations {
  /**
   * Asks the inviter's server to make an invite of one of our users out of a third-party invite (`PUT
   * /_matrix/federation/v1/exchange_third_party_invite/{roomId}`).
   *
   * @param event type, room, sender, state key and content of the membership event.
   */
  exchangeThirdPartyInvite(destination: string, roomId: string, event: JsonObject): Promise<void>
}

export function thirdPartyInviteOperations(transport: FederationTransport): ThirdPartyInviteOperations {
  return {
    async exchangeThirdPartyInvite(destination, roomId, event) {
      await transport.request(destination, {
        method: 'PUT',
        target: target('/_matrix/federation/v1/exchange_third_party_invite', [roomId]),
        body: event,
      })
    },
  }
}
