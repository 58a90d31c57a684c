import type { RoomEvent } from '../events/room-event.ts'
import { isJsonObject, ownValue } from '../json/value.ts'
import type { JsonObject } from '../json/value.ts'
import type { AuthState } from './auth-state.ts'
import { creatorsOf } from './creators.ts'
import { readPowerLevel } from './power-level-value.ts'
import type { PowerLevel } from './power-level-value.ts'

/** The levels that stand directly in `m.room.power_levels`, each with its value where it is absent. */
export const DEFAULT_LEVELS = {
  users_default: 0,
  events_default: 0,
  state_default: 50,
  ban: 50,
  redact: 50,
  kick: 50,
  invite: 0,
} as const

export type NamedLevel = keyof typeof DEFAULT_LEVELS

export const NAMED_LEVELS = Object.keys(DEFAULT_LEVELS) as readonly NamedLevel[]

/** The power of a creator of rooms of versions 1 to 11 that have no `m.room.power_levels` event. */
const CREATOR_POWER_WITHOUT_LEVELS = 100

/**
 * Where versions 1 to 9 let an unreadable value through, nobody meets it: the servers that fail on such a
 * value refuse the event too, so the room does not split.
 */
const UNREADABLE_DEMAND = Infinity
const UNREADABLE_POWER = -Infinity

/** A room's power levels, with the defaults of its version filled in. */
export interface PowerLevels {
  /** The power of a user. */
  powerOf(userId: string): PowerLevel
  /** The power needed to send an event of this type. */
  levelFor(eventType: string, isState: boolean): PowerLevel
  /** The level for an action or a default. */
  level(name: NamedLevel): PowerLevel
}

/**
 * Reads a room's power levels. Nothing is copied: each question is one look-up in the event.
 *
 * @param create the room's create event; without it nobody counts as a creator.
 * @param event the room's `m.room.power_levels` event, if it has one.
 */
export function readPowerLevels(create: RoomEvent | undefined, event: RoomEvent | undefined): PowerLevels {
  const creators = create ? creatorsOf(create) : []
  const privileged = create?.version.privilegedCreators ?? false

  const level = (name: NamedLevel) =>
    (event && entry(event, event.content, name, UNREADABLE_DEMAND)) ?? DEFAULT_LEVELS[name]

  const levelFor = (eventType: string, isState: boolean) => {
    const events = event && ownValue(event.content, 'events')
    if (events !== undefined && !isJsonObject(events)) return UNREADABLE_DEMAND
    const own = event && events && entry(event, events, eventType, UNREADABLE_DEMAND)
    return own ?? level(isState ? 'state_default' : 'events_default')
  }

  const powerOf = (userId: string) => {
    const isCreator = creators.includes(userId)
    if (privileged && isCreator) return Infinity
    if (!event) return isCreator ? CREATOR_POWER_WITHOUT_LEVELS : 0
    const users = ownValue(event.content, 'users')
    const own = isJsonObject(users) ? entry(event, users, userId, UNREADABLE_POWER) : undefined
    return (
      own ?? entry(event, event.content, 'users_default', UNREADABLE_POWER) ?? DEFAULT_LEVELS.users_default
    )
  }

  return { powerOf, levelFor, level }
}

/** {@link readPowerLevels} of the state an event is judged against. */
export function powerLevelsIn(auth: AuthState): PowerLevels {
  return readPowerLevels(auth.create, auth.get('m.room.power_levels', ''))
}

function entry(
  event: RoomEvent,
  levels: JsonObject,
  key: string,
  unreadable: number,
): PowerLevel | undefined {
  const value = ownValue(levels, key)
  if (value === undefined || value === null) return undefined
  return readPowerLevel(value, event.version.powerLevelValues) ?? unreadable
}
