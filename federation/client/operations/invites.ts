import { isJsonObject, ownValue, type JsonObject } from '../../../protocol/json/value.ts'
import { FederationRequestError } from '../transport/federation-request-error.ts'
import type { FederationTransport } from '../transport/federation-transport.ts'
import { Answer } from './answer.ts'
import { MAX_EVENT_BYTES } from './limits.ts'
import { target } from './target.ts'

/** An invite that the invited user's server must sign too. */
export interface OutgoingInvite {
  readonly roomId: string
  readonly eventId: string
  readonly pdu: JsonObject
  readonly roomVersion: string
  /** What tells the invited user which room it is; from version 12 on full PDUs. */
  readonly inviteRoomState: readonly JsonObject[]
}

export interface InviteOperations {
  /**
   * Has an invite signed by the invited user's server: by version 2 of the endpoint, or, where a server has only
   * that and the room is of version 1 or 2, by version 1.
   *
   * @returns the event with the other server's signature, which is not verified.
   */
  sendInvite(destination: string, invite: OutgoingInvite): Promise<JsonObject>
}

/** Version 1 of the endpoint knows no other room versions. */
const OLD_ROOM_VERSIONS: ReadonlySet<string> = new Set(['1', '2'])
const NOT_FOUND = 404
const BAD_REQUEST = 400

export function inviteOperations(transport: FederationTransport): InviteOperations {
  const sendV2 = async (destination: string, invite: OutgoingInvite): Promise<JsonObject> => {
    const answer = await transport.request(destination, {
      method: 'PUT',
      target: target('/_matrix/federation/v2/invite', [invite.roomId, invite.eventId]),
      body: {
        event: invite.pdu,
        invite_room_state: [...invite.inviteRoomState],
        room_version: invite.roomVersion,
      },
      maxAnswerBytes: MAX_EVENT_BYTES,
    })
    return new Answer(destination, answer).object('event')
  }

  /** Answers with a pair of status and object. */
  const sendV1 = async (destination: string, invite: OutgoingInvite): Promise<JsonObject> => {
    const answer = await transport.requestValue(destination, {
      method: 'PUT',
      target: target('/_matrix/federation/v1/invite', [invite.roomId, invite.eventId]),
      body: { ...invite.pdu, unsigned: { invite_room_state: [...invite.inviteRoomState] } },
      maxAnswerBytes: MAX_EVENT_BYTES,
    })
    const [, second] = Array.isArray(answer) ? answer : []
    const event = isJsonObject(second) ? ownValue(second, 'event') : undefined
    if (isJsonObject(event)) return event
    throw new FederationRequestError(destination, 'bad-answer', 'the answer to an invite holds no event')
  }

  return {
    async sendInvite(destination, invite) {
      try {
        return await sendV2(destination, invite)
      } catch (error) {
        if (OLD_ROOM_VERSIONS.has(invite.roomVersion) && isUnknownEndpoint(error))
          return sendV1(destination, invite)
        throw error
      }
    },
  }
}

function isUnknownEndpoint(error: unknown): boolean {
  if (!(error instanceof FederationRequestError) || error.kind !== 'refused') return false
  const unrecognised = error.errcode === undefined || error.errcode === 'M_UNRECOGNIZED'
  return (error.status === NOT_FOUND || error.status === BAD_REQUEST) && unrecognised
}
