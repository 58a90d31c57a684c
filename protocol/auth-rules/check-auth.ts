import type { RoomEvent } from '../events/room-event.ts'
import { serverOf } from '../identifiers/user-id.ts'
import { ownValue } from '../json/value.ts'
import { checkAliases } from './aliases.ts'
import { ALLOWED, allowIf, rejected } from './auth-result.ts'
import type { AuthResult } from './auth-result.ts'
import type { AuthState } from './auth-state.ts'
import { checkCreate } from './create.ts'
import { checkMember } from './member/member.ts'
import { membershipOf } from './membership.ts'
import { checkOwnedState } from './owned-state.ts'
import { checkPowerLevels } from './power-levels-event.ts'
import { powerLevelsIn } from './power-levels.ts'
import { checkRedaction } from './redaction.ts'

/**
 * The authorisation rules of the event's room version, in their order, against one state. Which state is
 * the caller's choice: the event's auth events, the state before it, or the room's current state.
 * `checkAuthEvents` judges the list of auth events, and signatures are verified before either.
 * Source: specification, "Room versions", "Authorisation rules" of each version.
 *
 * @param event an event whose form is right for its room version.
 * @param auth accepted events of the event's room.
 */
export function checkAuth(event: RoomEvent, auth: AuthState): AuthResult {
  const { version } = event

  if (event.type === 'm.room.create') return checkCreate(event)

  const room = checkRoom(event, auth.create)
  if (!room.allowed) return room

  if (version.aliasesSpecialCase && event.type === 'm.room.aliases') return checkAliases(event)

  if (event.type === 'm.room.member') return checkMember(event, auth)

  if (membershipOf(auth, event.sender) !== 'join') return rejected('The sender is not in the room.')

  const levels = powerLevelsIn(auth)
  const power = levels.powerOf(event.sender)

  if (event.type === 'm.room.third_party_invite') {
    return allowIf(power >= levels.level('invite'), 'The sender lacks the power level to invite.')
  }

  if (levels.levelFor(event.type, event.stateKey !== undefined) > power) {
    return rejected('The sender lacks the power level to send this type of event.')
  }

  const owned = checkOwnedState(event, levels)
  if (!owned.allowed) return owned

  if (event.type === 'm.room.power_levels') return checkPowerLevels(event, auth)

  if (version.redactionInAuthRules && event.type === 'm.room.redaction') return checkRedaction(event, auth)

  return ALLOWED
}

/** The room has an accepted create event that fits its id and lets the sender's server in. */
function checkRoom(event: RoomEvent, create: RoomEvent | undefined): AuthResult {
  if (!create) return rejected('The room has no create event.')
  if (event.version.roomIdIsCreateHash && event.roomId !== `!${create.eventId.slice(1)}`) {
    return rejected('The room id is not that of the create event.')
  }
  if (
    ownValue(create.content, 'm.federate') === false &&
    serverOf(event.sender) !== serverOf(create.sender)
  ) {
    return rejected('The room does not federate.')
  }
  return ALLOWED
}
