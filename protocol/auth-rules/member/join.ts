import { ownValue } from '../../json/value.ts'
import type { JsonObject } from '../../json/value.ts'
import { ALLOWED, allowIf, rejected } from '../auth-result.ts'
import type { AuthResult } from '../auth-result.ts'
import type { AuthState } from '../auth-state.ts'
import { mayJoinFirst } from '../creators.ts'
import { joinRuleOf, membershipOf } from '../membership.ts'
import { powerLevelsIn } from '../power-levels.ts'
import type { MemberEvent } from './member.ts'

/** The rule for `membership: join`. */
export function checkJoin({ event, sender, target }: MemberEvent, auth: AuthState): AuthResult {
  const { version, content, prevEvents } = event
  const { create } = auth

  if (create && prevEvents.length === 1 && prevEvents[0] === create.eventId && mayJoinFirst(create, target)) {
    return ALLOWED
  }

  if (sender !== target) return rejected('Nobody can join for somebody else.')
  const membership = membershipOf(auth, sender)
  if (membership === 'ban') return rejected('The user is banned from the room.')
  const isInside = membership === 'join' || membership === 'invite'

  const rule = joinRuleOf(auth)
  if (rule === 'invite' || (rule === 'knock' && version.knocking)) {
    return allowIf(isInside, 'The room is for invited users only.')
  }
  if (
    (rule === 'restricted' && version.restrictedJoins) ||
    (rule === 'knock_restricted' && version.knockRestrictedJoins)
  ) {
    return isInside ? ALLOWED : checkAuthoriser(content, auth)
  }
  return allowIf(rule === 'public', 'The join rule of the room lets nobody in.')
}

/** A restricted join is authorised by a joined member who may invite. Its server's signature is verified before. */
function checkAuthoriser(content: JsonObject, auth: AuthState): AuthResult {
  const authoriser = ownValue(content, 'join_authorised_via_users_server')
  if (typeof authoriser !== 'string') return rejected('The join was not authorised by a member of the room.')
  if (membershipOf(auth, authoriser) !== 'join') {
    return rejected('The user who authorised the join is not in the room.')
  }
  const levels = powerLevelsIn(auth)
  return allowIf(
    levels.powerOf(authoriser) >= levels.level('invite'),
    'The user who authorised the join lacks the power level to invite.',
  )
}
