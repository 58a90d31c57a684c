import { describe, expect, test } from 'vitest'
import type { JsonValue } from '../../json/value.ts'
import { CREATOR, judge, MOD, OTHER, USER, VERSIONS, versions } from '../room.fixture.ts'
import type { EventFields, RoomSetting } from '../room.fixture.ts'
import type { RoomVersionId } from '../../room-versions/rules.ts'

const INVITE_ONLY = 'The room is for invited users only.'
const NOBODY = 'The join rule of the room lets nobody in.'

function join(id: RoomVersionId, setting: RoomSetting, more: EventFields = {}): string {
  const fields = { type: 'm.room.member', sender: OTHER, stateKey: OTHER, content: { membership: 'join' } }
  return judge(id, { ...fields, ...more }, setting)
}

describe.each(VERSIONS)('a join in a room of version %s', (id) => {
  test.each([
    ['public', undefined, 'allowed'],
    ['public', 'leave', 'allowed'],
    ['public', 'invite', 'allowed'],
    ['public', 'ban', 'The user is banned from the room.'],
    ['invite', undefined, INVITE_ONLY],
    ['invite', 'leave', INVITE_ONLY],
    ['invite', 'knock', INVITE_ONLY],
    ['invite', 'invite', 'allowed'],
    ['invite', 'join', 'allowed'],
    ['invite', 'ban', 'The user is banned from the room.'],
    ['private', 'invite', NOBODY],
    ['__proto__', 'invite', NOBODY],
  ])('by the rule %s of a user whose membership is %s', (joinRule, membership, expected) => {
    expect(join(id, { joinRule, members: membership ? { [OTHER]: membership } : {} })).toBe(expected)
  })

  test('without join rules is for the invited', () => {
    expect(join(id, { joinRule: null })).toBe(INVITE_ONLY)
    expect(join(id, { joinRule: null, members: { [OTHER]: 'invite' } })).toBe('allowed')
  })

  test('for somebody else is refused', () => {
    expect(join(id, { joinRule: 'public' }, { sender: MOD })).toBe('Nobody can join for somebody else.')
  })

  test('of the creator may follow the create event, and nothing else', () => {
    const first = { sender: CREATOR, stateKey: CREATOR, prevEvents: ['$create'] }
    const empty = { joinRule: null, levels: null, members: { [CREATOR]: 'leave' } }
    expect(join(id, empty, first)).toBe('allowed')
    expect(join(id, empty, { ...first, prevEvents: ['$other'] })).toBe(INVITE_ONLY)
    expect(join(id, empty, { ...first, prevEvents: ['$create', '$other'] })).toBe(INVITE_ONLY)
    expect(join(id, empty, { prevEvents: ['$create'] })).toBe(INVITE_ONLY)
  })
})

test('the first join is that of content.creator up to version 10, of the sender from version 11 on', () => {
  const first = { sender: OTHER, stateKey: OTHER, prevEvents: ['$create'] }
  const setting = { joinRule: null, levels: null, create: { creator: OTHER } }
  for (const id of versions(1, 10)) expect(join(id, setting, first)).toBe('allowed')
  for (const id of versions(11)) expect(join(id, setting, first)).toBe(INVITE_ONLY)
})

test('an additional creator does not join first', () => {
  const first = { sender: OTHER, stateKey: OTHER, prevEvents: ['$create'] }
  expect(join('12', { joinRule: null, create: { additional_creators: [OTHER] } }, first)).toBe(INVITE_ONLY)
})

describe('knock rooms', () => {
  test('are for the invited from version 7 on', () => {
    for (const id of versions(7)) {
      expect(join(id, { joinRule: 'knock', members: { [OTHER]: 'invite' } })).toBe('allowed')
      expect(join(id, { joinRule: 'knock', members: { [OTHER]: 'knock' } })).toBe(INVITE_ONLY)
    }
  })

  test('let nobody in before', () => {
    for (const id of versions(1, 6)) {
      expect(join(id, { joinRule: 'knock', members: { [OTHER]: 'invite' } })).toBe(NOBODY)
    }
  })
})

describe.each([
  ['restricted', versions(8), versions(1, 7)],
  ['knock_restricted', versions(10), versions(1, 9)],
])('%s rooms', (joinRule, knowing, ignorant) => {
  const authorised = (by: JsonValue) => ({
    content: { membership: 'join', join_authorised_via_users_server: by },
  })

  test.each(knowing)('of version %s', (id) => {
    expect(join(id, { joinRule, members: { [OTHER]: 'invite' } })).toBe('allowed')
    expect(join(id, { joinRule, members: { [OTHER]: 'join' } })).toBe('allowed')
    expect(join(id, { joinRule })).toBe('The join was not authorised by a member of the room.')
    expect(join(id, { joinRule }, authorised(USER))).toBe('allowed')
    expect(join(id, { joinRule, members: { [OTHER]: 'ban' } }, authorised(USER))).toMatch('banned')
    expect(join(id, { joinRule }, authorised('@nobody:c.example'))).toMatch('is not in the room')
    expect(join(id, { joinRule, members: { [USER]: 'leave' } }, authorised(USER))).toMatch(
      'is not in the room',
    )
  })

  test.each(knowing)('of version %s need an authoriser who may invite', (id) => {
    const levels = { invite: 50, users: { [MOD]: 50 } }
    expect(join(id, { joinRule, levels }, authorised(USER))).toMatch('lacks the power level to invite')
    expect(join(id, { joinRule, levels }, authorised(MOD))).toBe('allowed')
  })

  test.each(knowing)('of version %s refuse an authoriser that is no user id', (id) => {
    for (const by of [null, 7, [USER], { user: USER }]) {
      expect(join(id, { joinRule, members: { [OTHER]: 'join' } }, authorised(by))).toMatch('is not a user id')
    }
  })

  test.each(ignorant)('let nobody in in version %s', (id) => {
    expect(join(id, { joinRule, members: { [OTHER]: 'invite' } }, authorised(USER))).toBe(NOBODY)
  })
})
