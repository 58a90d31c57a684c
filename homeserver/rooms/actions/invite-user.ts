import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { isUserId, serverOf } from '../../../protocol/identifiers/user-id.ts'
import { ownValue, type JsonObject } from '../../../protocol/json/value.ts'
import { findAccount } from '../../../storage/accounts/account-reader.ts'
import { buildEvent } from '../build-event.ts'
import type { EventDraft } from '../event-draft.ts'
import { membershipIn } from '../membership-in.ts'
import type { OpenRoom } from '../open-room.ts'
import { roomPolicyServer } from '../policy/policy-of-room.ts'
import type { RequestIdentity } from '../room-intent.ts'
import type { Actor } from './actor.ts'
import { checkDraft } from './check-draft.ts'
import { checkInvitesWelcome, checkMayInvite } from './check-invites-welcome.ts'
import { createEventOf } from './create-event-of.ts'
import { memberProfile } from './member-profile.ts'
import { receiveOwn, recommended } from './own-signed-events.ts'
import type { RoomActions } from './room-actions.ts'
import { newestState } from './state-at.ts'
import { strippedStateOf } from './stripped-state-of.ts'
import { requireKnownMember } from '../partial-state/require-known-member.ts'
import { notInRoom, submitDraft } from './submit-draft.ts'

/** An invite. `content` may hold `reason`, `is_direct` and whatever else clients add. */
export interface InviteRequest {
  readonly roomId: string
  readonly userId: string
  readonly content: JsonObject
  /** Where the same request may come again and shall invite once. */
  readonly request?: RequestIdentity | undefined
}

/**
 * Invites a user. One of another server is asked there first: the invite counts only with that server's signature.
 *
 * @returns the id of the invite.
 * @throws MatrixError 400 M_INVALID_PARAM; 403 where the rules or the other server refuse it; 403 M_INVITE_BLOCKED.
 */
export async function inviteUser(
  actions: RoomActions,
  sender: Actor,
  { roomId, userId, content, request }: InviteRequest,
): Promise<string> {
  if (!isUserId(userId)) throw new MatrixError(400, 'M_INVALID_PARAM', 'This is not a user id')
  checkMayInvite(actions, sender)
  limitInvites(actions, sender, roomId, userId)
  const draft = await inviteDraft(actions, sender, userId, content)
  const room = await actions.writer.open(roomId)
  if (!room) throw notInRoom()
  await requireKnownMember(actions.services, room, userId)
  await refuseMember(room, userId)
  if (serverOf(userId) === actions.services.serverName) {
    await checkInvitesWelcome(actions, sender.userId, userId)
    return submitDraft(actions, roomId, draft, request)
  }
  return inviteRemotely(actions, room, draft)
}

/** A bridge makes users of its network when somebody wants to speak with them; one that does not answer stops nobody. */
async function haveUserMade({ appServices, services }: RoomActions, userId: string): Promise<void> {
  if (!appServices.isOfService(userId) || (await findAccount(services.queries, userId))) return
  await appServices.queries.hasUser(userId).catch((error: unknown) => {
    if (!(error instanceof MatrixError)) throw error
  })
}

/** The draft of an invite, with what is known of the invited user. */
export async function inviteDraft(
  actions: RoomActions,
  sender: Pick<Actor, 'userId'>,
  userId: string,
  content: JsonObject,
): Promise<EventDraft> {
  const { serverName, interner, queries } = actions.services
  if (serverOf(userId) === serverName) await haveUserMade(actions, userId)
  const userNid = serverOf(userId) === serverName ? await interner.findUserNid(userId) : undefined
  const profile = userNid === undefined ? {} : await memberProfile(queries, userNid)
  return {
    type: 'm.room.member',
    stateKey: userId,
    sender: sender.userId,
    content: { ...content, ...profile, membership: 'invite' },
  }
}

/** Sends an invite that was built as a draft to another server's user. */
export async function inviteRemotely(
  actions: RoomActions,
  room: OpenRoom,
  draft: EventDraft,
): Promise<string> {
  const { services, remote } = actions
  if (!remote) throw new MatrixError(403, 'M_FORBIDDEN', 'This server does not speak with other servers')
  const create = await createEventOf(room)
  if (create && ownValue(create.content, 'm.federate') === false) {
    throw new MatrixError(403, 'M_FORBIDDEN', 'This room is not shared with other servers')
  }
  checkDraft(draft)
  const { event } = await buildEvent(services, room, draft)
  const policy = await roomPolicyServer(services, room)
  const allowed = policy ? await recommended(actions, event, policy) : event
  return receiveOwn(actions, await remote.invite(allowed, await strippedStateOf(room, draft.sender)))
}

async function refuseMember(room: OpenRoom, userId: string): Promise<void> {
  const member = (await newestState(room, [['m.room.member', userId]]))('m.room.member', userId)
  if (!member || membershipIn(member) !== 'join') return
  throw new MatrixError(403, 'M_FORBIDDEN', 'This user is in the room already')
}

function limitInvites({ limits }: RoomActions, sender: Actor, roomId: string, userId: string): void {
  limits.invitesPerIssuer.consumeFor(sender)
  limits.invitesPerRoom.consumeFor(sender, roomId)
  limits.invitesPerUser.consumeFor(sender, userId)
}
