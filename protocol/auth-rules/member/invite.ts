import { ownValue } from '../../json/value.ts'
import { allowIf, rejected } from '../auth-result.ts'
import type { AuthResult } from '../auth-result.ts'
import type { AuthState } from '../auth-state.ts'
import { membershipOf } from '../membership.ts'
import { powerLevelsIn } from '../power-levels.ts'
import type { MemberEvent } from './member.ts'
import { checkThirdPartyInvite } from './third-party-invite.ts'

/** The rule for `membership: invite`. */
export function checkInvite(member: MemberEvent, auth: AuthState): AuthResult {
  const { event, sender, target } = member
  const targetMembership = membershipOf(auth, target)

  const thirdParty = ownValue(event.content, 'third_party_invite')
  if (thirdParty !== undefined) {
    if (targetMembership === 'ban') return rejected('The invited user is banned from the room.')
    return checkThirdPartyInvite(member, thirdParty, auth)
  }

  if (membershipOf(auth, sender) !== 'join') return rejected('The sender is not in the room.')
  if (targetMembership === 'join') return rejected('The invited user is already in the room.')
  if (targetMembership === 'ban') return rejected('The invited user is banned from the room.')

  const levels = powerLevelsIn(auth)
  return allowIf(
    levels.powerOf(sender) >= levels.level('invite'),
    'The sender lacks the power level to invite.',
  )
}
