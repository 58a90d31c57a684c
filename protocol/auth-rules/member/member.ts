import type { RoomEvent } from '../../events/room-event.ts'
import { ownValue } from '../../json/value.ts'
import { rejected } from '../auth-result.ts'
import type { AuthResult } from '../auth-result.ts'
import type { AuthState } from '../auth-state.ts'
import { checkBan } from './ban.ts'
import { checkInvite } from './invite.ts'
import { checkJoin } from './join.ts'
import { checkKnock } from './knock.ts'
import { checkLeave } from './leave.ts'

/** A membership event with what every transition asks of it read out. */
export interface MemberEvent {
  readonly event: RoomEvent
  readonly sender: string
  /** The user whose membership changes: the state key. */
  readonly target: string
}

/** The rule for `m.room.member`: number 5 of versions 1 to 5 and of version 12, number 4 of the others. */
export function checkMember(event: RoomEvent, auth: AuthState): AuthResult {
  const { content, version, sender, stateKey: target } = event
  const membership = ownValue(content, 'membership')
  if (target === undefined || membership === undefined) {
    return rejected('A membership event needs a state key and a membership.')
  }

  // The authorising server's signature is verified with all others; here only a key without a user is refused.
  const authoriser = ownValue(content, 'join_authorised_via_users_server')
  if (version.restrictedJoins && authoriser !== undefined && typeof authoriser !== 'string') {
    return rejected('The user who authorised the join is not a user id.')
  }

  const member: MemberEvent = { event, sender, target }
  switch (membership) {
    case 'join':
      return checkJoin(member, auth)
    case 'invite':
      return checkInvite(member, auth)
    case 'leave':
      return checkLeave(member, auth)
    case 'ban':
      return checkBan(member, auth)
    case 'knock':
      if (version.knocking) return checkKnock(member, auth)
  }
  return rejected('The membership is unknown.')
}
