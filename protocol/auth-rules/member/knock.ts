import { allowIf, rejected } from '../auth-result.ts'
import type { AuthResult } from '../auth-result.ts'
import type { AuthState } from '../auth-state.ts'
import { joinRuleOf, membershipOf } from '../membership.ts'
import type { MemberEvent } from './member.ts'

/** The rule for `membership: knock`, from version 7 on. */
export function checkKnock({ event, sender, target }: MemberEvent, auth: AuthState): AuthResult {
  const rule = joinRuleOf(auth)
  if (rule !== 'knock' && !(rule === 'knock_restricted' && event.version.knockRestrictedJoins)) {
    return rejected('The join rule of the room does not allow knocking.')
  }
  if (sender !== target) return rejected('Nobody can knock for somebody else.')

  const membership = membershipOf(auth, sender)
  if (membership === 'ban') return rejected('The user is banned from the room.')
  return allowIf(
    membership !== 'invite' && membership !== 'join',
    'The user is already invited or in the room.',
  )
}
