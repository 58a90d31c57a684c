import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JsonObject, JsonValue } from '../../../../protocol/json/value.ts'
import { closedPowerLevels, raisedPowerLevels, successorPowerLevels } from './successor-power-levels.ts'

const PLAIN = { ids: ['@creator:a'], privileged: false }
const PRIVILEGED = { ids: ['@creator:a', '@other:a'], privileged: true }

describe('the levels of a successor', () => {
  it('are integers, and what is none is left out', () => {
    const content = { ban: '+50', kick: 'x', users: { '@a:a': 1.5, '@b:a': null, '@__proto__:a': '7' } }
    expect(successorPowerLevels(content, PLAIN, PLAIN)).toEqual({
      ban: 50,
      events: {},
      users: { '@a:a': 1, '@__proto__:a': 7 },
    })
  })

  it('let nobody but creators close a room whose closing was as free as the rest', () => {
    const levels = successorPowerLevels({ state_default: 50, users: { '@other:a': 9 } }, PLAIN, PRIVILEGED)
    expect(levels).toEqual({ state_default: 50, events: { 'm.room.tombstone': 150 }, users: {} })
    const high = successorPowerLevels({ state_default: 200 }, PLAIN, PRIVILEGED)
    expect(high['events']).toEqual({ 'm.room.tombstone': 201 })
  })

  it('put former creators on top where there is nothing above the levels', () => {
    const levels = successorPowerLevels({ events: { x: 130 } }, PRIVILEGED, PLAIN)
    expect(levels['users']).toEqual({ '@creator:a': 130, '@other:a': 130 })
  })

  it('can all be set by who is raised above them', () => {
    const level = fc.oneof(fc.integer(), fc.constantFrom<JsonValue>('12', null, true, {}, [], 'x'))
    const content = fc.record(
      {
        state_default: level,
        ban: level,
        events: fc.dictionary(fc.string(), level),
        users: fc.dictionary(fc.string(), level),
        notifications: fc.dictionary(fc.string(), level),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(content, (wild) => {
        const levels = successorPowerLevels(wild, PLAIN, PLAIN)
        const users = raisedPowerLevels(levels, '@me:a')['users'] as JsonObject
        const maps = ['events', 'users', 'notifications'].map((key) => levels[key] ?? {})
        const all = [levels, ...maps].flatMap((map) => Object.values(map as JsonObject))
        for (const other of all)
          if (typeof other === 'number') expect(users['@me:a']).toBeGreaterThanOrEqual(other)
      }),
    )
  })
})

describe('the levels of a closed room', () => {
  it.each([
    [{}, { events_default: 50, invite: 50 }],
    [
      { users_default: 60, invite: '70', ban: 5 },
      { users_default: 60, events_default: 61, invite: 70, ban: 5 },
    ],
    [{ events_default: 50, invite: 50 }, undefined],
  ])('of %j are %j', (content, closed) => {
    expect(closedPowerLevels(content)).toEqual(closed)
  })
})
