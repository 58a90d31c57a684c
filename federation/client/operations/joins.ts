import type { JsonObject } from '../../../protocol/json/value.ts'
import { isJsonObject } from '../../../protocol/json/value.ts'
import type { FederationTransport } from '../transport/federation-transport.ts'
import { Answer } from './answer.ts'
import type { TakeItems } from '../stream/take-items.ts'
import { MAX_EVENT_BYTES, MAX_SERVERS, STATE_STREAM, STATE_TIMEOUT_MS } from './limits.ts'
import { readTemplate, type MembershipTemplate } from './membership-template.ts'
import { target } from './target.ts'

/** A join was accepted: what is said beside the room's state before it. Nothing in here is verified. */
export interface SendJoinAnswer {
  /** The join as the resident server signed it, which restricted rooms need. */
  readonly event: JsonObject | undefined
  /** Whether memberships were left out of `state`. */
  readonly membersOmitted: boolean
  /** Given when memberships were left out. */
  readonly serversInRoom: readonly string[] | undefined
}

export interface JoinOperations {
  /**
   * Asks a resident server for a join (`GET /_matrix/federation/v1/make_join/…`).
   *
   * @param versions the room versions that this server can be in.
   */
  makeJoin(
    destination: string,
    roomId: string,
    userId: string,
    versions: readonly string[],
  ): Promise<MembershipTemplate>
  /**
   * Sends a signed join to a resident server (`PUT /_matrix/federation/v2/send_join/…`).
   *
   * @param options.omitMembers asks for a state without memberships, which large rooms send much sooner.
   * @param options.take gets the events of the lists `state` and `auth_chain` as they come.
   */
  sendJoin(
    destination: string,
    roomId: string,
    eventId: string,
    pdu: JsonObject,
    options: { readonly omitMembers: boolean; readonly take: TakeItems },
  ): Promise<SendJoinAnswer>
}

export function joinOperations(transport: FederationTransport): JoinOperations {
  return {
    async makeJoin(destination, roomId, userId, versions) {
      const answer = await transport.request(destination, {
        method: 'GET',
        target: target('/_matrix/federation/v1/make_join', [roomId, userId], { ver: versions }),
        maxAnswerBytes: MAX_EVENT_BYTES,
      })
      return readTemplate(destination, answer)
    },

    async sendJoin(destination, roomId, eventId, pdu, { omitMembers, take }) {
      const request = {
        method: 'PUT',
        target: target('/_matrix/federation/v2/send_join', [roomId, eventId], {
          omit_members: omitMembers ? true : undefined,
        }),
        body: pdu,
        timeoutMs: STATE_TIMEOUT_MS,
      } as const
      const lists = ['state', 'auth_chain']
      const answer = await transport.requestItems(destination, request, lists, STATE_STREAM, take)
      const read = new Answer(destination, answer)
      const event = read.value('event')
      return {
        event: isJsonObject(event) ? event : undefined,
        membersOmitted: read.value('members_omitted') === true,
        serversInRoom: Array.isArray(read.value('servers_in_room'))
          ? read.strings('servers_in_room', MAX_SERVERS)
          : undefined,
      }
    },
  }
}
