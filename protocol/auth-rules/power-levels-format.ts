import type { RoomEvent } from '../events/room-event.ts'
import { isJsonObject, LosslessNumber, ownValue } from '../json/value.ts'
import type { JsonValue } from '../json/value.ts'
import { ALLOWED, rejected } from './auth-result.ts'
import type { AuthResult } from './auth-result.ts'
import { NAMED_LEVELS } from './power-levels.ts'
import { readPowerLevel } from './power-level-value.ts'

/**
 * What the rule for `m.room.power_levels` asks of the content alone: in versions 1 to 9 readable `users`
 * and no number beyond a double, from version 10 on integers wherever a level stands.
 */
export function checkPowerLevelsFormat(event: RoomEvent): AuthResult {
  const { content, version } = event
  const isLevel = (value: JsonValue) => readPowerLevel(value, version.powerLevelValues) !== undefined
  const isPermitted = version.powerLevelValues === 'integers' ? isLevel : isRepresentable

  for (const name of NAMED_LEVELS) {
    const value = ownValue(content, name)
    if (value !== undefined && !isPermitted(value)) return rejected('A power level is not an integer.')
  }

  for (const name of ['events', 'notifications']) {
    const levels = ownValue(content, name)
    if (isJsonObject(levels)) {
      if (!Object.values(levels).every(isPermitted)) return rejected('A power level is not an integer.')
    } else if (levels !== undefined && version.powerLevelValues === 'integers') {
      return rejected('The power levels of events are not an object.')
    }
  }

  const users = ownValue(content, 'users')
  if (users === undefined) return ALLOWED
  if (!isJsonObject(users)) return rejected('The power levels of users are not an object.')
  if (!Object.keys(users).every(isShapedLikeUserId))
    return rejected('A power level is given to something that is not a user id.')
  if (!Object.values(users).every(isLevel)) return rejected('The power level of a user is not an integer.')
  return ALLOWED
}

/** Room versions 1 to 9, "power_levels events accept values as floats": a number beyond a double is refused. */
function isRepresentable(value: JsonValue): boolean {
  return !(value instanceof LosslessNumber) || Number.isFinite(Number(value.text))
}

/**
 * More than this other servers do not ask of the keys, and old rooms have typing errors in the domains. An event
 * that only we refuse would leave us with other power levels than everybody else; a wrong key gives nobody power.
 */
function isShapedLikeUserId(key: string): boolean {
  return key.startsWith('@') && key.includes(':')
}
