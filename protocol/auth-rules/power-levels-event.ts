import type { RoomEvent } from '../events/room-event.ts'
import { isJsonObject, ownValue } from '../json/value.ts'
import type { JsonObject } from '../json/value.ts'
import { ALLOWED, rejected } from './auth-result.ts'
import type { AuthResult } from './auth-result.ts'
import type { AuthState } from './auth-state.ts'
import { creatorsOf } from './creators.ts'
import { checkPowerLevelsFormat } from './power-levels-format.ts'
import { NAMED_LEVELS, powerLevelsIn } from './power-levels.ts'
import { readPowerLevel } from './power-level-value.ts'
import type { PowerLevel } from './power-level-value.ts'

/**
 * The rule for `m.room.power_levels`: number 10 of versions 1 to 5 and of version 12, number 9 of the others.
 * Nobody touches a level above their own, gives one, or takes the level of an equal.
 */
export function checkPowerLevels(event: RoomEvent, auth: AuthState): AuthResult {
  const { version, content } = event

  const format = checkPowerLevelsFormat(event)
  if (!format.allowed) return format

  const newUsers = levelsIn(content, 'users')
  if (version.privilegedCreators && auth.create) {
    if (creatorsOf(auth.create).some((creator) => Object.hasOwn(newUsers, creator))) {
      return rejected('A creator of the room has no power level to set.')
    }
  }

  const previous = auth.get('m.room.power_levels', '')
  if (!previous) return ALLOWED

  const power = powerLevelsIn(auth).powerOf(event.sender)
  const old = (levels: JsonObject, key: string) => levelAt(previous, levels, key)
  const current = (levels: JsonObject, key: string) => levelAt(event, levels, key)
  const isAbove = (level: Level) => level === UNREADABLE || (level !== undefined && level > power)

  for (const name of NAMED_LEVELS) {
    const before = old(previous.content, name)
    const after = current(content, name)
    if (before !== after && (isAbove(before) || isAbove(after))) return rejected(ABOVE_SENDER)
  }

  for (const group of version.checkNotificationLevels ? ['events', 'notifications'] : ['events']) {
    const oldLevels = levelsIn(previous.content, group)
    const newLevels = levelsIn(content, group)
    for (const key of keysOf(oldLevels, newLevels)) {
      const before = old(oldLevels, key)
      const after = current(newLevels, key)
      if (before !== after && (isAbove(before) || isAbove(after))) return rejected(ABOVE_SENDER)
    }
  }

  const oldUsers = levelsIn(previous.content, 'users')
  for (const userId of keysOf(oldUsers, newUsers)) {
    const before = old(oldUsers, userId)
    const after = current(newUsers, userId)
    if (before === after) continue
    if (userId !== event.sender && before !== undefined && (before === UNREADABLE || before >= power)) {
      return rejected('The power level of a user at or above the sender cannot be changed.')
    }
    if (isAbove(after)) return rejected(ABOVE_SENDER)
  }
  return ALLOWED
}

const ABOVE_SENDER = 'A power level above that of the sender cannot be set or changed.'

/** A value that versions 1 to 9 let into a first event, and that cannot be compared: touching it is refused. */
const UNREADABLE = 'unreadable'

type Level = PowerLevel | typeof UNREADABLE | undefined

/** An absent level is not above anybody: the defaults of the specification are not compared here. */
function levelAt(event: RoomEvent, levels: JsonObject, key: string): Level {
  const value = ownValue(levels, key)
  return value === undefined
    ? undefined
    : (readPowerLevel(value, event.version.powerLevelValues) ?? UNREADABLE)
}

function levelsIn(content: JsonObject, name: string): JsonObject {
  const levels = ownValue(content, name)
  return isJsonObject(levels) ? levels : {}
}

function keysOf(a: JsonObject, b: JsonObject): Set<string> {
  return new Set([...Object.keys(a), ...Object.keys(b)])
}
