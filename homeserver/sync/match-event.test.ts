import { describe, expect, it } from 'vitest'
import { testEvent } from './test-event.fixture.ts'
import { eventMatcher, roomMatcher, typeMatcher } from './match-event.ts'

const lazily = { lazyLoadMembers: false, includeRedundantMembers: false, unreadThreadNotifications: false }

describe('event types', () => {
  it.each([
    [['m.room.*'], 'm.room.name', true],
    [['m.room.*'], 'm.rooms', false],
    [['*'], '', true],
    [['m.*.*e'], 'm.room.name', true],
    [['m.*.*ee'], 'm.room.name', false],
    [['a*a'], 'a', false],
    [['m.r?om'], 'm.room', false],
    [['m.r?om*'], 'm.r?om.x', true],
    [[], 'm.room.name', false],
  ])('%j and %s: %s', (types, type, matches) => {
    expect(typeMatcher({ types })(type)).toBe(matches)
    expect(typeMatcher({ notTypes: types })(type)).toBe(!matches)
  })
})

it('lets exclusions win', () => {
  const filter = { ...lazily, senders: ['@a:x', '@b:x'], notSenders: ['@b:x'] }
  expect(eventMatcher(filter)(testEvent({ sender: '@a:x' }))).toBe(true)
  expect(eventMatcher(filter)(testEvent({ sender: '@b:x' }))).toBe(false)
  expect(roomMatcher({ rooms: ['!r:x'], notRooms: ['!r:x'] })('!r:x')).toBe(false)
  expect(roomMatcher({ rooms: ['!r:x'] }, { notRooms: ['!s:x'] })('!r:x')).toBe(true)
})

it('looks for a url in the content', () => {
  const withUrl = testEvent({ content: { url: 'mxc://x/y' } })
  const without = testEvent({ content: { url: 1 } })
  expect(eventMatcher({ ...lazily, containsUrl: true })(withUrl)).toBe(true)
  expect(eventMatcher({ ...lazily, containsUrl: true })(without)).toBe(false)
  expect(eventMatcher({ ...lazily, containsUrl: false })(without)).toBe(true)
})
