import { readPowerLevel } from '../../../../protocol/auth-rules/power-level-value.ts'
import { DEFAULT_LEVELS, NAMED_LEVELS } from '../../../../protocol/auth-rules/power-levels.ts'
import { isJsonObject, ownValue, type JsonObject, type JsonValue } from '../../../../protocol/json/value.ts'

/** Whom a room version's rules put above the levels. */
export interface Creators {
  readonly ids: readonly string[]
  /** Whether they stand above every level (room version 12 and later). */
  readonly privileged: boolean
}

/** What the founders of a room get where the rules give them nothing. */
const FOUNDER_LEVEL = 100
/** Beyond every user's level, so that only the creators of a version 12 room may close it. */
const CREATORS_ONLY = 150

/**
 * The power levels of a room that replaces another: what was set there, as integers, which every version reads.
 * Creators who stand above the levels lose theirs; those who no longer do so get one.
 *
 * @param content of the old room's `m.room.power_levels`.
 */
export function successorPowerLevels(content: JsonObject, before: Creators, after: Creators): JsonObject {
  const named = levelsIn(
    Object.fromEntries(NAMED_LEVELS.map((name) => [name, ownValue(content, name) ?? null])),
  )
  const events = levelsIn(ownValue(content, 'events'))
  const users = levelsIn(ownValue(content, 'users'))
  const notifications = levelsIn(ownValue(content, 'notifications'))
  const levels = { ...named, events, users, notifications }
  if (before.privileged && !after.privileged) {
    const founders = Math.max(FOUNDER_LEVEL, highestLevel(levels))
    for (const creator of before.ids) users[creator] = founders
  }
  if (after.privileged) {
    for (const creator of after.ids) delete users[creator]
    const stateDefault = named['state_default'] ?? DEFAULT_LEVELS.state_default
    const tombstone = events['m.room.tombstone'] ?? stateDefault
    if (tombstone <= stateDefault) events['m.room.tombstone'] = Math.max(CREATORS_ONLY, stateDefault + 1)
  }
  return Object.hasOwn(content, 'notifications') ? levels : { ...named, events, users }
}

/** The same levels with a user above all of them, who can then write the whole of a new room's state. */
export function raisedPowerLevels(levels: JsonObject, userId: string): JsonObject {
  const users = levelsIn(ownValue(levels, 'users'))
  return { ...levels, users: { ...users, [userId]: Math.max(FOUNDER_LEVEL, highestLevel(levels)) } }
}

/** What an upgraded room asks of those who would go on in it; undefined where it asks that already. */
export function closedPowerLevels(content: JsonObject): JsonObject | undefined {
  const { users_default: usersDefault = 0, events_default: send = 0, invite = 0 } = levelsIn(content)
  const demand = Math.max(DEFAULT_LEVELS.state_default, usersDefault + 1)
  if (send >= demand && invite >= demand) return undefined
  return { ...content, events_default: Math.max(send, demand), invite: Math.max(invite, demand) }
}

/** The entries that are levels; those that no version reads are left out. */
function levelsIn(value: JsonValue | undefined): Record<string, number> {
  const levels = new Map<string, number>()
  for (const [key, entry] of Object.entries(isJsonObject(value) ? value : {})) {
    const level = readPowerLevel(entry, 'lenient')
    if (typeof level === 'number') levels.set(key, level)
  }
  return Object.fromEntries(levels)
}

function highestLevel(levels: JsonObject): number {
  const maps = ['events', 'users', 'notifications'].map((key) => levelsIn(ownValue(levels, key)))
  const all = [levelsIn(levels), DEFAULT_LEVELS, ...maps].flatMap((map) => Object.values(map))
  return all.reduce((highest, level) => Math.max(highest, level), 0)
}
