import { MatrixError } from '../../../../protocol/errors/matrix-error.ts'
import { ownValue, type JsonObject } from '../../../../protocol/json/value.ts'
import { membershipIn } from '../../membership-in.ts'
import type { OpenRoom } from '../../open-room.ts'
import type { Actor } from '../actor.ts'
import { checkMayInvite } from '../check-invites-welcome.ts'
import { inviteUser } from '../invite-user.ts'
import { memberProfile } from '../member-profile.ts'
import type { RoomActions } from '../room-actions.ts'
import { newestState } from '../state-at.ts'
import { notInRoom, submitDraft } from '../submit-draft.ts'
import { canonicalThirdPartyId } from '../../../identity-service/canonical-third-party-id.ts'

/** An invite of whoever has an e-mail address or telephone number (client-server API, "Third-party invites"). */
export interface ThirdPartyInviteRequest {
  readonly idServer: string
  /** The inviting user's, for the identity server. */
  readonly idAccessToken: string
  readonly medium: string
  readonly address: string
}

/**
 * Invites the user who has bound an identifier; where nobody has, the identity server keeps the invite, and the room
 * says so.
 *
 * @throws MatrixError 403 M_SERVER_NOT_TRUSTED for an identity server that is not configured; 400 M_INVALID_PARAM for
 *   what is no identifier; what the rules say; 502 where the identity server cannot be asked.
 */
export async function inviteThirdPartyId(
  actions: RoomActions,
  sender: Actor,
  roomId: string,
  { idServer, idAccessToken, medium, address }: ThirdPartyInviteRequest,
): Promise<void> {
  const server = requireIdentityService(actions).server(idServer)
  const id = canonicalThirdPartyId(medium, address)
  checkMayInvite(actions, sender)
  actions.limits.thirdPartyInvite.consume(sender.userId)
  const room = await actions.writer.open(roomId)
  if (!room) throw notInRoom()
  const details = await detailsOf(actions, room, sender)

  const userId = await server.lookup(idAccessToken, id)
  if (userId !== undefined) {
    await inviteUser(actions, sender, { roomId, userId, content: {} })
    return
  }
  const stored = await server.storeInvite(idAccessToken, id, details)
  const [first] = stored.publicKeys
  await submitDraft(actions, roomId, {
    type: 'm.room.third_party_invite',
    stateKey: stored.token,
    sender: sender.userId,
    content: {
      display_name: stored.displayName,
      ...(first && { public_key: first.publicKey, key_validity_url: first.keyValidityUrl }),
      public_keys: stored.publicKeys.map(({ publicKey, keyValidityUrl }) => ({
        public_key: publicKey,
        key_validity_url: keyValidityUrl,
      })),
    },
  })
}

/** @throws MatrixError 403 M_SERVER_NOT_TRUSTED where this server has none. */
export function requireIdentityService({ identityService }: RoomActions) {
  if (identityService) return identityService
  throw new MatrixError(403, 'M_SERVER_NOT_TRUSTED', 'This server does not invite by e-mail or telephone')
}

/** What the mail to the invited may say. Nobody learns by it of a room that the inviter is not in. */
async function detailsOf({ services }: RoomActions, room: OpenRoom, sender: Actor): Promise<JsonObject> {
  const state = await newestState(room, [
    ['m.room.member', sender.userId],
    ['m.room.create'],
    ['m.room.name'],
    ['m.room.avatar'],
    ['m.room.join_rules'],
    ['m.room.canonical_alias'],
  ])
  const own = state('m.room.member', sender.userId)
  if (!own || membershipIn(own) !== 'join') throw notInRoom()
  const text = (type: string, key: string, name: string): JsonObject => {
    const value = ownValue(state(type)?.content ?? {}, key)
    return typeof value === 'string' ? { [name]: value } : {}
  }
  const profile = await memberProfile(services.queries, sender.userNid)
  return {
    room_id: room.head.roomId,
    sender: sender.userId,
    ...text('m.room.name', 'name', 'room_name'),
    ...text('m.room.avatar', 'url', 'room_avatar_url'),
    ...text('m.room.join_rules', 'join_rule', 'room_join_rules'),
    ...text('m.room.canonical_alias', 'alias', 'room_alias'),
    ...text('m.room.create', 'type', 'room_type'),
    ...(profile['displayname'] !== undefined && { sender_display_name: profile['displayname'] }),
    ...(profile['avatar_url'] !== undefined && { sender_avatar_url: profile['avatar_url'] }),
  }
}
