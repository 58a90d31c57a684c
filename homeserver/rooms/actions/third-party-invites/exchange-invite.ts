import { isSignedByAny } from '../../../../protocol/auth-rules/member/third-party-signature.ts'
import { MatrixError } from '../../../../protocol/errors/matrix-error.ts'
import type { RoomEvent } from '../../../../protocol/events/room-event.ts'
import { serverOf } from '../../../../protocol/identifiers/user-id.ts'
import { isJsonObject, ownValue, type JsonObject } from '../../../../protocol/json/value.ts'
import type { IdentityService } from '../../../identity-service/identity-service.ts'
import type { OpenRoom } from '../../open-room.ts'
import { checkInvitesWelcome } from '../check-invites-welcome.ts'
import { inviteDraft, inviteRemotely } from '../invite-user.ts'
import type { RoomActions } from '../room-actions.ts'
import { newestState } from '../state-at.ts'
import { submitDraft } from '../submit-draft.ts'
import { requireIdentityService } from './invite-third-party-id.ts'

/** The proof that a user is whom an `m.room.third_party_invite` meant, and who sent that. */
export interface ExchangedInvite {
  readonly sender: string
  readonly userId: string
  /** `signed` of the identity server: the user, the token, its signature. */
  readonly signed: JsonObject
}

/** One event names two keys; an event has room for hundreds, each of which would be a request. */
const MAX_VALIDITY_CHECKS = 4

/**
 * Makes the invite of a user out of an invite of an e-mail address or the like (server-server API, "Third-party
 * invites"). The signature is judged by the auth rules; only here it is asked whether the key is still valid.
 *
 * @throws MatrixError 403 M_FORBIDDEN where the room has no such invite, or the proof does not hold; 502 where
 *   nobody can say whether the key is valid.
 */
export async function exchangeThirdPartyInvite(
  actions: RoomActions,
  room: OpenRoom,
  { sender, userId, signed }: ExchangedInvite,
): Promise<void> {
  const token = ownValue(signed, 'token')
  if (typeof token !== 'string') throw forbidden('The third-party invite names no token')
  const invitation = (await newestState(room, [['m.room.third_party_invite', token]]))(
    'm.room.third_party_invite',
    token,
  )
  if (invitation?.sender !== sender) throw forbidden('The room has no such third-party invite')
  await requireValidKey(requireIdentityService(actions), invitation, signed)

  const displayName = ownValue(invitation.content, 'display_name')
  const proof = { display_name: typeof displayName === 'string' ? displayName : '', signed }
  const draft = await inviteDraft(actions, { userId: sender }, userId, { third_party_invite: proof })
  if (serverOf(userId) === actions.services.serverName) {
    await checkInvitesWelcome(actions, sender, userId)
    await submitDraft(actions, room.head.roomId, draft)
  } else {
    await inviteRemotely(actions, room, draft)
  }
}

/** One key that has signed must be valid; a key without a URL is valid for ever (`m.room.third_party_invite`). */
async function requireValidKey(
  identity: IdentityService,
  { content, version }: RoomEvent,
  signed: JsonObject,
): Promise<void> {
  const listed = ownValue(content, 'public_keys')
  const signers = [content, ...(Array.isArray(listed) ? listed.filter(isJsonObject) : [])].filter((entry) => {
    const key = ownValue(entry, 'public_key')
    return typeof key === 'string' && isSignedByAny(signed, [key], version.strictCanonicalJson)
  })
  const questions = new Map(
    signers.map((entry) => [ownValue(entry, 'key_validity_url'), ownValue(entry, 'public_key')]),
  )
  for (const [url, key] of [...questions].slice(0, MAX_VALIDITY_CHECKS)) {
    if (typeof url !== 'string' || (await identity.isKeyValid(url, String(key)))) return
  }
  throw forbidden('No valid key of the third-party invite has signed for the user')
}

function forbidden(sentence: string): MatrixError {
  return new MatrixError(403, 'M_FORBIDDEN', sentence)
}
