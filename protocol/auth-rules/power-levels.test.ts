import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../json/value.ts'
import type { RoomVersionId } from '../room-versions/rules.ts'
import { readPowerLevels } from './power-levels.ts'
import { createEvent, CREATOR, makeEvent, MOD, OTHER, USER, VERSIONS, versions } from './room.fixture.ts'

function levelsOf(id: RoomVersionId, content: JsonObject | undefined, create: JsonObject = {}) {
  const event = content && makeEvent(id, { type: 'm.room.power_levels', stateKey: '', content })
  return readPowerLevels(createEvent(id, create), event)
}

describe.each(VERSIONS)('version %s', (id) => {
  test('without an event', () => {
    const levels = levelsOf(id, undefined)
    expect(levels.powerOf(CREATOR)).toBe(id === '12' ? Infinity : 100)
    expect(levels.powerOf(USER)).toBe(0)
    expect(levels.levelFor('m.room.name', true)).toBe(50)
    expect(levels.levelFor('m.room.message', false)).toBe(0)
    expect(['ban', 'kick', 'redact', 'invite'].map((name) => levels.level(name as 'ban'))).toEqual([
      50, 50, 50, 0,
    ])
  })

  test('an empty event leaves the defaults, but the creator is no longer above', () => {
    const levels = levelsOf(id, {})
    expect(levels.powerOf(CREATOR)).toBe(id === '12' ? Infinity : 0)
    expect(levels.levelFor('m.room.name', true)).toBe(50)
    expect(levels.levelFor('m.room.message', false)).toBe(0)
  })

  test('named values are taken', () => {
    const levels = levelsOf(id, {
      users: { [MOD]: 50 },
      users_default: 5,
      events: { 'm.room.name': 60, 'm.room.message': 7 },
      events_default: 3,
      state_default: 40,
      ban: 61,
    })
    expect([levels.powerOf(MOD), levels.powerOf(USER)]).toEqual([50, 5])
    expect([levels.levelFor('m.room.name', true), levels.levelFor('m.room.topic', true)]).toEqual([60, 40])
    expect([levels.levelFor('m.room.message', false), levels.levelFor('m.sticker', false)]).toEqual([7, 3])
    expect(levels.level('ban')).toBe(61)
  })

  test('names out of the prototype are ordinary keys', () => {
    const levels = levelsOf(id, { users: {}, events: {} })
    expect(levels.powerOf('constructor')).toBe(0)
    expect(levels.powerOf('__proto__')).toBe(0)
    expect(levels.levelFor('toString', true)).toBe(50)
  })
})

test('creators of version 12 cannot be lowered', () => {
  const levels = levelsOf('12', { users: { [CREATOR]: 0, [OTHER]: 0 } }, { additional_creators: [OTHER] })
  expect(levels.powerOf(CREATOR)).toBe(Infinity)
  expect(levels.powerOf(OTHER)).toBe(Infinity)
})

test('additional creators mean nothing before version 12', () => {
  for (const id of versions(1, 11)) {
    expect(levelsOf(id, undefined, { additional_creators: [OTHER] }).powerOf(OTHER)).toBe(0)
  }
})

test('an additional_creators that is no list of strings names nobody', () => {
  for (const additional of [OTHER, { 0: OTHER }, [1, null]]) {
    expect(levelsOf('12', undefined, { additional_creators: additional }).powerOf(OTHER)).toBe(0)
  }
})

test('the levels of versions 1 to 9 may be strings', () => {
  for (const id of versions(1, 9)) {
    const levels = levelsOf(id, { users: { [MOD]: ' 050' }, events: { 'm.room.name': '60' }, ban: '7' })
    expect([levels.powerOf(MOD), levels.levelFor('m.room.name', true), levels.level('ban')]).toEqual([
      50, 60, 7,
    ])
  }
})

test('nobody meets an unreadable level of versions 1 to 9; null counts as absent', () => {
  for (const id of versions(1, 9)) {
    const levels = levelsOf(id, { events: { 'm.room.name': 'x' }, ban: {}, kick: null, users_default: 'x' })
    expect(levels.levelFor('m.room.name', true)).toBe(Infinity)
    expect([levels.level('ban'), levels.level('kick')]).toEqual([Infinity, 50])
    expect(levels.powerOf(USER)).toBe(-Infinity)
    expect(levelsOf(id, { events: [] }).levelFor('m.room.name', true)).toBe(Infinity)
  }
})
