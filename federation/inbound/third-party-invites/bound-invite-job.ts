import type { JobKind } from '../../../homeserver/jobs/job-kind.ts'
import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { isServerName } from '../../../protocol/identifiers/server-name.ts'
import { serverOf } from '../../../protocol/identifiers/user-id.ts'
import { parseJson } from '../../../protocol/json/parse.ts'
import { isJsonObject, ownValue, type JsonObject } from '../../../protocol/json/value.ts'
import type { JobPayload } from '../../../storage/jobs/job.ts'
import type { FederationClient } from '../../client/federation-client.ts'
import { FederationRequestError } from '../../client/transport/federation-request-error.ts'
import type { InboundContext } from '../inbound-context.ts'
import { joinedRoom } from '../resident-room.ts'

/** The job that has one of our users invited who turned out to be whom a third-party invite meant. */
export const BOUND_INVITE = 'federation.bound-invite'

/** An invite that an identity server has told us of. */
export interface BoundInvite {
  readonly roomId: string
  readonly sender: string
  readonly userId: string
  /** JSON text: a job's payload keeps no numbers of others. */
  readonly signed: string
}

const SERVER_ERROR = 500

/**
 * In a room that this server is in, it makes the invite; otherwise the inviter's server is asked for it
 * (server-server API, "Third-party invites").
 */
export function boundInviteJob(
  context: InboundContext,
  client: Pick<FederationClient, 'exchangeThirdPartyInvite'>,
): JobKind<BoundInvite> {
  return {
    kind: BOUND_INVITE,
    read: readBoundInvite,
    async handle({ roomId, sender, userId, signed: text }) {
      const signed = parseJson(text)
      if (!isJsonObject(signed)) return
      const room = await joinedRoom(context, roomId)
      try {
        if (room) await context.exchangeThirdPartyInvite(room, { sender, userId, signed })
        else await askOthers(client, { roomId, sender, userId, signed })
      } catch (error) {
        if (!isRefusal(error)) throw error
        context.log.info({ roomId, reason: error.message }, 'a third-party invite was refused')
      }
    },
  }
}

async function askOthers(
  client: Pick<FederationClient, 'exchangeThirdPartyInvite'>,
  { roomId, sender, userId, signed }: Omit<BoundInvite, 'signed'> & { readonly signed: JsonObject },
): Promise<void> {
  const event: JsonObject = {
    type: 'm.room.member',
    room_id: roomId,
    sender,
    state_key: userId,
    content: { membership: 'invite', third_party_invite: { display_name: displayNameIn(signed), signed } },
  }
  await client.exchangeThirdPartyInvite(serverOf(sender), roomId, event)
}

/** The inviter's server has the name of the room's own event; this only has to be there. */
function displayNameIn(signed: JsonObject): string {
  const name = ownValue(signed, 'display_name')
  return typeof name === 'string' ? name : ''
}

/** What will not become better by asking again. */
function isRefusal(error: unknown): error is Error {
  if (error instanceof MatrixError) return error.status < SERVER_ERROR
  return error instanceof FederationRequestError && ['refused', 'not-allowed'].includes(error.kind)
}

function readBoundInvite(payload: JobPayload): BoundInvite {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload))
    throw new TypeError('no invite')
  const text = (key: keyof BoundInvite): string => {
    const value = Object.entries(payload).find(([name]) => name === key)?.[1]
    if (typeof value !== 'string') throw new TypeError(`the invite has no ${key}`)
    return value
  }
  const invite = {
    roomId: text('roomId'),
    sender: text('sender'),
    userId: text('userId'),
    signed: text('signed'),
  }
  if (!isServerName(serverOf(invite.sender))) throw new TypeError('the invite has no sender')
  return invite
}
