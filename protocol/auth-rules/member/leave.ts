import { allowIf, rejected } from '../auth-result.ts'
import type { AuthResult } from '../auth-result.ts'
import type { AuthState } from '../auth-state.ts'
import { membershipOf } from '../membership.ts'
import { powerLevelsIn } from '../power-levels.ts'
import type { MemberEvent } from './member.ts'

/** The rule for `membership: leave`: leaving, refusing an invite, taking a knock back, a kick or an unban. */
export function checkLeave({ event, sender, target }: MemberEvent, auth: AuthState): AuthResult {
  const senderMembership = membershipOf(auth, sender)

  if (sender === target) {
    return allowIf(
      senderMembership === 'invite' ||
        senderMembership === 'join' ||
        (senderMembership === 'knock' && event.version.knocking),
      'The user is neither in the room nor invited.',
    )
  }

  if (senderMembership !== 'join') return rejected('The sender is not in the room.')

  const levels = powerLevelsIn(auth)
  const power = levels.powerOf(sender)
  if (membershipOf(auth, target) === 'ban' && power < levels.level('ban')) {
    return rejected('The sender lacks the power level to lift a ban.')
  }
  if (power < levels.level('kick')) return rejected('The sender lacks the power level to remove members.')
  return allowIf(levels.powerOf(target) < power, 'The target has at least the power level of the sender.')
}
