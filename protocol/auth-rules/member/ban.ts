import { allowIf, rejected } from '../auth-result.ts'
import type { AuthResult } from '../auth-result.ts'
import type { AuthState } from '../auth-state.ts'
import { membershipOf } from '../membership.ts'
import { powerLevelsIn } from '../power-levels.ts'
import type { MemberEvent } from './member.ts'

/** The rule for `membership: ban`. */
export function checkBan({ sender, target }: MemberEvent, auth: AuthState): AuthResult {
  if (membershipOf(auth, sender) !== 'join') return rejected('The sender is not in the room.')

  const levels = powerLevelsIn(auth)
  const power = levels.powerOf(sender)
  if (power < levels.level('ban')) return rejected('The sender lacks the power level to ban.')
  return allowIf(levels.powerOf(target) < power, 'The target has at least the power level of the sender.')
}
