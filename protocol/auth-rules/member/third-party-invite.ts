import { isJsonObject, ownValue } from '../../json/value.ts'
import type { JsonValue } from '../../json/value.ts'
import { allowIf, rejected } from '../auth-result.ts'
import type { AuthResult } from '../auth-result.ts'
import type { AuthState } from '../auth-state.ts'
import type { MemberEvent } from './member.ts'
import { invitePublicKeys, isSignedByAny } from './third-party-signature.ts'

/**
 * The rule for an invite that carries `third_party_invite`: it makes an earlier invitation of an e-mail
 * address or the like into one of a user, on the word of the identity server.
 *
 * @param thirdParty the property's value.
 */
export function checkThirdPartyInvite(
  member: MemberEvent,
  thirdParty: JsonValue,
  auth: AuthState,
): AuthResult {
  const signed = isJsonObject(thirdParty) ? ownValue(thirdParty, 'signed') : undefined
  if (!isJsonObject(signed)) return rejected('The third-party invite is not signed.')

  const mxid = ownValue(signed, 'mxid')
  const token = ownValue(signed, 'token')
  if (mxid === undefined || typeof token !== 'string') {
    return rejected('The third-party invite names no user or no token.')
  }
  if (mxid !== member.target) return rejected('The third-party invite is for another user.')

  const invitation = auth.get('m.room.third_party_invite', token)
  if (!invitation) return rejected('The room has no third-party invite with this token.')
  if (invitation.sender !== member.sender)
    return rejected('The third-party invite was sent by somebody else.')

  return allowIf(
    isSignedByAny(signed, invitePublicKeys(invitation.content), member.event.version.strictCanonicalJson),
    'No key of the third-party invite has signed for this user.',
  )
}
