import { describe, expect, test } from 'vitest'
import type { JsonObject, JsonValue } from '../json/value.ts'
import { LosslessNumber } from '../json/value.ts'
import type { RoomVersionId } from '../room-versions/rules.ts'
import { ADMIN, CREATOR, judge, MOD, OTHER, USER, VERSIONS, versions } from './room.fixture.ts'

const ABOVE = 'A power level above that of the sender cannot be set or changed.'
const EQUAL = 'The power level of a user at or above the sender cannot be changed.'
const NO_INTEGER = 'A power level is not an integer.'

/** Everybody may send the event here, so that only its own rule refuses. */
const OPEN = { events: { 'm.room.power_levels': 0 } }

function change(
  id: RoomVersionId,
  before: JsonObject | null,
  after: JsonObject,
  sender = MOD,
  create = {},
): string {
  const fields = { type: 'm.room.power_levels', sender, stateKey: '', content: after }
  return judge(id, fields, {
    create,
    levels: before && { ...OPEN, users: { [MOD]: 50, [ADMIN]: 100 }, ...before },
  })
}

const same = { ...OPEN, users: { [MOD]: 50, [ADMIN]: 100 } }

describe.each(VERSIONS)('version %s', (id) => {
  test('nothing changed', () => {
    expect(change(id, {}, same)).toBe('allowed')
  })

  test.each(['users_default', 'events_default', 'state_default', 'ban', 'redact', 'kick', 'invite'])(
    '%s',
    (name) => {
      expect(change(id, {}, { ...same, [name]: 50 })).toBe('allowed')
      expect(change(id, {}, { ...same, [name]: 51 })).toBe(ABOVE)
      expect(change(id, { [name]: 51 }, { ...same, [name]: 0 })).toBe(ABOVE)
      expect(change(id, { [name]: 51 }, same)).toBe(ABOVE)
      expect(change(id, { [name]: 51 }, { ...same, [name]: 51 })).toBe('allowed')
      expect(change(id, { [name]: 50 }, { ...same, [name]: -7 })).toBe('allowed')
      expect(change(id, { [name]: 50 }, same)).toBe('allowed')
    },
  )

  test('levels of event types', () => {
    const at = (level: number) => ({ ...same, events: { ...OPEN.events, x: level } })
    expect(change(id, {}, at(50))).toBe('allowed')
    expect(change(id, {}, at(51))).toBe(ABOVE)
    expect(change(id, at(51), same)).toBe(ABOVE)
    expect(change(id, at(51), at(50))).toBe(ABOVE)
    expect(change(id, at(51), at(51))).toBe('allowed')
    expect(change(id, at(50), same)).toBe('allowed')
  })

  test('levels of notifications count from version 6 on', () => {
    const at = (level: number) => ({ ...same, notifications: { room: level } })
    const expected = Number(id) >= 6 ? ABOVE : 'allowed'
    expect(change(id, at(50), at(20))).toBe('allowed')
    expect(change(id, at(50), at(51))).toBe(expected)
    expect(change(id, at(51), at(20))).toBe(expected)
    expect(change(id, at(51), same)).toBe(expected)
  })

  test('levels of users', () => {
    const users = (more: JsonObject) => ({ ...same, users: { ...same.users, ...more } })
    expect(change(id, {}, users({ [USER]: 50 }))).toBe('allowed')
    expect(change(id, {}, users({ [USER]: 51 }))).toBe(ABOVE)
    expect(change(id, users({ [OTHER]: 49 }), same)).toBe('allowed')
    expect(change(id, users({ [OTHER]: 50 }), same)).toBe(EQUAL)
    expect(change(id, users({ [OTHER]: 50 }), users({ [OTHER]: 0 }))).toBe(EQUAL)
    expect(change(id, users({ [OTHER]: 50 }), users({ [OTHER]: 50 }))).toBe('allowed')
    expect(change(id, {}, users({ [ADMIN]: 0 }))).toBe(EQUAL)
    expect(change(id, {}, users({ [MOD]: 0 }))).toBe('allowed')
    expect(change(id, {}, users({ [MOD]: 51 }))).toBe(ABOVE)
    expect(change(id, {}, { ...OPEN, users: { [ADMIN]: 100 } })).toBe('allowed')
  })

  test('the first event of a room is free of comparisons', () => {
    expect(change(id, null, { users: { [USER]: 1000 }, ban: 1000 }, CREATOR)).toBe('allowed')
  })

  test('a user id with a mistyped domain', () => {
    expect(change(id, null, { users: { '@user:my_host ': 0 } }, CREATOR)).toBe('allowed')
  })

  test('users that are no users', () => {
    for (const users of [[], 'x', null, 7]) {
      expect(change(id, null, { users }, CREATOR)).toBe('The power levels of users are not an object.')
    }
    for (const key of ['user', 'user:a.example', '@user', '', '!room:a.example']) {
      expect(change(id, null, { users: { [key]: 0 } }, CREATOR)).toMatch('not a user id')
    }
    for (const level of ['x', null, [], {}, '1.5']) {
      expect(change(id, null, { users: { [USER]: level } }, CREATOR)).toMatch('not an integer')
    }
  })
})

test.each(versions(10))('version %s takes integers alone', (id) => {
  for (const value of ['50', true, null, [], {}, 1.5, new LosslessNumber('50.0'), 2 ** 53] as JsonValue[]) {
    expect(change(id, null, { ban: value }, CREATOR)).toBe(NO_INTEGER)
    expect(change(id, null, { events: { x: value } }, CREATOR)).toBe(NO_INTEGER)
    expect(change(id, null, { notifications: { room: value } }, CREATOR)).toBe(NO_INTEGER)
    expect(change(id, null, { users: { [USER]: value } }, CREATOR)).toMatch('not an integer')
  }
  for (const value of ['x', null, [], 5]) {
    expect(change(id, null, { events: value }, CREATOR)).toBe('The power levels of events are not an object.')
    expect(change(id, null, { notifications: value }, CREATOR)).toMatch('are not an object')
  }
  expect(change(id, null, { unknown: 'x', ban: 2 ** 53 - 1 }, CREATOR)).toBe('allowed')
})

test.each(versions(1, 9))('version %s compares strings and floats by their value', (id) => {
  const users = { [MOD]: '50', [ADMIN]: new LosslessNumber('100.7') }
  expect(change(id, { users, ban: '0100' }, { ...same, ban: 100 })).toBe('allowed')
  expect(change(id, { users }, { ...same, ban: '51' })).toBe(ABOVE)
  expect(change(id, { users }, { ...same, ban: new LosslessNumber('50.9') })).toBe('allowed')
  expect(change(id, { users }, { ...same, ban: '9007199254740993' })).toBe(ABOVE)
  expect(change(id, { users, ban: 'x' }, same)).toBe(ABOVE)
  expect(change(id, { users }, { ...same, ban: 'x' })).toBe(ABOVE)
  expect(change(id, null, { ban: new LosslessNumber('1e400') }, CREATOR)).toBe(NO_INTEGER)
})

test('a creator of version 12 is not named, and is bound by nothing', () => {
  const create = { additional_creators: [OTHER] }
  const named = 'A creator of the room has no power level to set.'
  expect(change('12', {}, { ...same, users: { [CREATOR]: 100 } }, CREATOR)).toBe(named)
  expect(change('12', null, { users: { [OTHER]: 0 } }, CREATOR, create)).toBe(named)
  expect(change('12', {}, { users: { [USER]: 2 ** 53 - 1 }, ban: 10 ** 9 }, CREATOR)).toBe('allowed')
  for (const id of versions(1, 11)) {
    expect(change(id, null, { users: { [CREATOR]: 100 } }, CREATOR)).toBe('allowed')
  }
})

test('ten thousand users are compared at once', () => {
  const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`@u${n}:x.example`, 1]))
  const users = { ...same.users, ...many }
  expect(change('11', { users }, { ...same, users })).toBe('allowed')
  expect(change('11', { users }, { ...same, users: { ...users, '@u9999:x.example': 99 } })).toBe(ABOVE)
})
