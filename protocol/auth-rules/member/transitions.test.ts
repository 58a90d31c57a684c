import { describe, expect, test } from 'vitest'
import { ADMIN, CREATOR, judge, MOD, OTHER, USER, VERSIONS, versions } from '../room.fixture.ts'
import type { RoomSetting } from '../room.fixture.ts'
import type { RoomVersionId } from '../../room-versions/rules.ts'

const OUTSIDE = 'The sender is not in the room.'
const EQUAL = 'The target has at least the power level of the sender.'

function change(
  id: RoomVersionId,
  membership: string,
  sender: string,
  target: string,
  setting: RoomSetting = {},
): string {
  return judge(id, { type: 'm.room.member', sender, stateKey: target, content: { membership } }, setting)
}

describe.each(VERSIONS)('in a room of version %s', (id) => {
  const withOther = (membership: string, more: RoomSetting = {}) => ({
    members: { [OTHER]: membership },
    ...more,
  })

  test.each([
    [undefined, 'allowed'],
    ['leave', 'allowed'],
    ['invite', 'allowed'],
    ['knock', 'allowed'],
    ['join', 'The invited user is already in the room.'],
    ['ban', 'The invited user is banned from the room.'],
  ])('inviting somebody whose membership is %s', (membership, expected) => {
    expect(change(id, 'invite', USER, OTHER, membership ? withOther(membership) : {})).toBe(expected)
  })

  test('inviting needs membership and the invite level', () => {
    expect(change(id, 'invite', OTHER, '@new:c.example')).toBe(OUTSIDE)
    expect(change(id, 'invite', OTHER, '@new:c.example', withOther('invite'))).toBe(OUTSIDE)
    const levels = { invite: 50, users: { [MOD]: 50 } }
    expect(change(id, 'invite', USER, OTHER, { levels })).toBe('The sender lacks the power level to invite.')
    expect(change(id, 'invite', MOD, OTHER, { levels })).toBe('allowed')
  })

  test.each([
    ['join', 'allowed'],
    ['invite', 'allowed'],
    ['leave', 'The user is neither in the room nor invited.'],
    ['ban', 'The user is neither in the room nor invited.'],
  ])('leaving by somebody whose membership is %s', (membership, expected) => {
    expect(change(id, 'leave', OTHER, OTHER, withOther(membership))).toBe(expected)
  })

  test('kicking', () => {
    expect(change(id, 'leave', MOD, USER)).toBe('allowed')
    expect(change(id, 'leave', MOD, OTHER, withOther('invite'))).toBe('allowed')
    expect(change(id, 'leave', USER, OTHER, withOther('join'))).toMatch('lacks the power level to remove')
    expect(change(id, 'leave', OTHER, USER)).toBe(OUTSIDE)
    expect(change(id, 'leave', MOD, ADMIN)).toBe(EQUAL)
    expect(change(id, 'leave', MOD, OTHER, { levels: { users: { [MOD]: 50, [OTHER]: 50 } } })).toBe(EQUAL)
  })

  test('lifting a ban needs the ban and the kick level and more power than the target', () => {
    const banned = (levels: Record<string, number>, users: Record<string, number> = {}) =>
      withOther('ban', { levels: { ...levels, users: { [MOD]: 50, ...users } } })
    expect(change(id, 'leave', MOD, OTHER, banned({}))).toBe('allowed')
    expect(change(id, 'leave', MOD, OTHER, banned({ ban: 60 }))).toMatch('to lift a ban')
    expect(change(id, 'leave', MOD, OTHER, banned({ kick: 60 }))).toMatch('to remove members')
    expect(change(id, 'leave', MOD, OTHER, banned({}, { [OTHER]: 50 }))).toBe(EQUAL)
  })

  test('banning', () => {
    expect(change(id, 'ban', MOD, USER)).toBe('allowed')
    expect(change(id, 'ban', MOD, OTHER)).toBe('allowed')
    expect(change(id, 'ban', USER, OTHER)).toBe('The sender lacks the power level to ban.')
    expect(change(id, 'ban', MOD, ADMIN)).toBe(EQUAL)
    expect(change(id, 'ban', MOD, MOD)).toBe(EQUAL)
    expect(change(id, 'ban', OTHER, USER)).toBe(OUTSIDE)
  })

  test('a membership event without state key, membership or meaning', () => {
    const malformed = 'A membership event needs a state key and a membership.'
    const type = 'm.room.member'
    expect(judge(id, { type, stateKey: undefined, content: { membership: 'join' } })).toBe(malformed)
    expect(judge(id, { type, stateKey: USER, content: {} })).toBe(malformed)
    for (const membership of ['', 'JOIN', 'toString', 1, null, ['join']]) {
      expect(judge(id, { type, stateKey: USER, content: { membership } })).toBe('The membership is unknown.')
    }
  })
})

describe('knocking', () => {
  const RULE = 'The join rule of the room does not allow knocking.'

  test.each(versions(7))('in version %s', (id) => {
    const knock = (joinRule: string | null, membership?: string) =>
      change(id, 'knock', OTHER, OTHER, { joinRule, members: membership ? { [OTHER]: membership } : {} })
    expect(knock('knock')).toBe('allowed')
    expect(knock('knock', 'leave')).toBe('allowed')
    expect(knock('knock', 'knock')).toBe('allowed')
    expect(knock('knock', 'invite')).toMatch('already invited')
    expect(knock('knock', 'join')).toMatch('already invited')
    expect(knock('knock', 'ban')).toMatch('banned')
    for (const rule of ['public', 'invite', 'restricted', 'private', null]) expect(knock(rule)).toBe(RULE)
    expect(knock('knock_restricted')).toBe(Number(id) >= 10 ? 'allowed' : RULE)
    expect(change(id, 'knock', MOD, OTHER, { joinRule: 'knock' })).toMatch('for somebody else')
    expect(change(id, 'leave', OTHER, OTHER, { members: { [OTHER]: 'knock' } })).toBe('allowed')
  })

  test.each(versions(1, 6))('is unknown in version %s', (id) => {
    expect(change(id, 'knock', OTHER, OTHER, { joinRule: 'knock' })).toBe('The membership is unknown.')
    expect(change(id, 'leave', OTHER, OTHER, { members: { [OTHER]: 'knock' } })).toMatch(
      'neither in the room',
    )
  })
})

describe('creators', () => {
  const setting = { create: { additional_creators: [OTHER] }, members: { [OTHER]: 'join' } }

  test('of version 12 stand above everybody but each other', () => {
    expect(change('12', 'ban', OTHER, ADMIN, setting)).toBe('allowed')
    expect(change('12', 'ban', ADMIN, OTHER, setting)).toBe(EQUAL)
    expect(change('12', 'leave', CREATOR, OTHER, setting)).toBe(EQUAL)
    expect(change('12', 'leave', OTHER, CREATOR, setting)).toBe(EQUAL)
  })

  test('of earlier versions have the level they are given', () => {
    for (const id of versions(1, 11)) {
      expect(change(id, 'ban', OTHER, USER, setting)).toMatch('lacks the power level to ban')
      expect(change(id, 'ban', ADMIN, CREATOR, { levels: { users: { [ADMIN]: 100 } } })).toBe('allowed')
    }
  })
})
