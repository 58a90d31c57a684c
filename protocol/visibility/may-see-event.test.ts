import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Membership } from '../auth-rules/membership.ts'
import { historyVisibilityIn } from './history-visibility.ts'
import type { HistoryVisibility } from './history-visibility.ts'
import { mayServerSeeEvent, mayUserSeeEvent } from './may-see-event.ts'
import type { UserSight } from './may-see-event.ts'

const ME = '@me:a.example'

function unchanged<Value>(value: Value) {
  return { before: value, after: value }
}

function sight(
  visibility: HistoryVisibility,
  membership: Membership | undefined,
  joinedLater: boolean,
): UserSight {
  return {
    type: 'm.room.message',
    stateKey: undefined,
    userId: ME,
    visibility: unchanged(visibility),
    membership: unchanged(membership),
    joinedLater,
  }
}

describe('a message', () => {
  const always = [true, true]
  const never = [false, false]
  const ifJoinedLater = [false, true]

  test.each<[HistoryVisibility, Membership | undefined, boolean[]]>([
    ['world_readable', undefined, always],
    ['world_readable', 'ban', always],
    ['shared', 'join', always],
    ['shared', undefined, ifJoinedLater],
    ['shared', 'invite', ifJoinedLater],
    ['shared', 'leave', ifJoinedLater],
    ['shared', 'ban', ifJoinedLater],
    ['invited', 'join', always],
    ['invited', 'invite', always],
    ['invited', undefined, never],
    ['invited', 'leave', never],
    ['invited', 'knock', never],
    ['joined', 'join', always],
    ['joined', 'invite', never],
    ['joined', undefined, never],
  ])('of a %s room to a user whose membership is %s', (visibility, membership, expected) => {
    expect([false, true].map((later) => mayUserSeeEvent(sight(visibility, membership, later)))).toEqual(
      expected,
    )
  })
})

describe('the two settings themselves', () => {
  const hidden = sight('joined', undefined, false)

  test('a change of the visibility is seen by whom either value lets see it', () => {
    const change = { ...hidden, type: 'm.room.history_visibility', stateKey: '' }
    const opens = { before: 'joined', after: 'world_readable' } as const
    const closes = { before: 'world_readable', after: 'joined' } as const
    expect(mayUserSeeEvent({ ...change, visibility: opens })).toBe(true)
    expect(mayUserSeeEvent({ ...change, visibility: closes })).toBe(true)
    expect(mayUserSeeEvent(change)).toBe(false)
    expect(mayUserSeeEvent({ ...change, stateKey: 'x', visibility: opens })).toBe(false)
    expect(mayUserSeeEvent({ ...hidden, visibility: opens })).toBe(false)
  })

  test('users see their own join and leave', () => {
    const own = { ...hidden, type: 'm.room.member', stateKey: ME }
    expect(mayUserSeeEvent({ ...own, membership: { before: undefined, after: 'join' } })).toBe(true)
    expect(mayUserSeeEvent({ ...own, membership: { before: 'join', after: 'ban' } })).toBe(true)
    expect(mayUserSeeEvent({ ...own, membership: { before: 'invite', after: 'leave' } })).toBe(false)
  })

  test('the membership events of others are ordinary', () => {
    const other = { ...hidden, type: 'm.room.member', stateKey: '@other:a.example' }
    expect(mayUserSeeEvent({ ...other, membership: { before: undefined, after: 'join' } })).toBe(false)
  })
})

test('an unknown or missing setting is shared', () => {
  expect(historyVisibilityIn(undefined)).toBe('shared')
  for (const value of ['', 'public', 'constructor', 7, null, ['joined']]) {
    expect(historyVisibilityIn({ content: { history_visibility: value } })).toBe('shared')
  }
  expect(historyVisibilityIn({ content: {} })).toBe('shared')
  expect(historyVisibilityIn({ content: { history_visibility: 'joined' } })).toBe('joined')
})

test('a server sees exactly what one of its users sees', () => {
  const visibility = fc.constantFrom<HistoryVisibility[]>('world_readable', 'shared', 'invited', 'joined')
  const membership = fc.constantFrom<(Membership | undefined)[]>(
    'join',
    'invite',
    'leave',
    'ban',
    'knock',
    undefined,
  )
  const users = fc.array(fc.record({ membership, joinedLater: fc.boolean() }), { minLength: 1, maxLength: 4 })
  const event = fc.record({
    type: fc.constantFrom('m.room.message', 'm.room.history_visibility'),
    after: visibility,
  })

  fc.assert(
    fc.property(visibility, users, event, (before, all, { type, after }) => {
      const common = { type, stateKey: '', visibility: { before, after } }
      const memberships = new Set(all.flatMap((user) => (user.membership ? [user.membership] : [])))
      const byUser = all.some((user) =>
        mayUserSeeEvent({
          ...common,
          userId: ME,
          membership: unchanged(user.membership),
          joinedLater: user.joinedLater,
        }),
      )
      const byServer = mayServerSeeEvent({
        ...common,
        isOwnMembership: false,
        memberships: unchanged(memberships),
        joinedLater: all.some((user) => user.joinedLater),
      })
      expect(byServer).toBe(byUser)
    }),
  )
})

test('a server sees the join of its first user', () => {
  const join = {
    type: 'm.room.member',
    stateKey: ME,
    isOwnMembership: true,
    visibility: unchanged<HistoryVisibility>('joined'),
    memberships: { before: new Set<Membership>(), after: new Set<Membership>(['join']) },
    joinedLater: false,
  }
  expect(mayServerSeeEvent(join)).toBe(true)
  expect(mayServerSeeEvent({ ...join, isOwnMembership: false })).toBe(false)
})
