import { describe, expect, test } from 'vitest'
import type { RoomEvent } from '../events/room-event.ts'
import type { RoomVersionId } from '../room-versions/rules.ts'
import { checkAuthEvents } from './check-auth-events.ts'
import {
  createEvent,
  makeEvent,
  member,
  MOD,
  OTHER,
  USER,
  verdict,
  VERSIONS,
  versions,
} from './room.fixture.ts'

function check(id: RoomVersionId, auth: RoomEvent[], rejectedId?: string, listed?: string[]): string {
  const event = makeEvent(id, { authEvents: listed ?? auth.map(({ eventId }) => eventId) })
  return verdict(checkAuthEvents(event, auth, (eventId) => eventId === rejectedId))
}

function usual(id: RoomVersionId): RoomEvent[] {
  const levels = makeEvent(id, { type: 'm.room.power_levels', stateKey: '' })
  return [...(id === '12' ? [] : [createEvent(id)]), levels, member(id, USER, 'join', { eventId: '$joined' })]
}

describe.each(VERSIONS)('version %s', (id) => {
  test('the right events', () => {
    expect(check(id, usual(id))).toBe('allowed')
    expect(check(id, id === '12' ? [] : [createEvent(id)])).toBe('allowed')
  })

  test('two at one place, by two ids or one', () => {
    const twice = 'Two auth events of this event stand at one place of the state.'
    expect(check(id, [...usual(id), member(id, USER, 'leave')])).toBe(twice)
    const one = member(id, USER, 'join')
    expect(check(id, [one], undefined, [one.eventId, one.eventId])).toBe(twice)
  })

  test('one that does not bear on the event', () => {
    const needless = 'The event lists an auth event that does not bear on it.'
    for (const extra of [
      member(id, OTHER, 'join'),
      makeEvent(id, { type: 'm.room.join_rules', stateKey: '' }),
      makeEvent(id, { type: 'm.room.power_levels', stateKey: 'x' }),
    ]) {
      expect(check(id, [...usual(id), extra])).toBe(needless)
    }
    expect(check(id, [...usual(id), makeEvent(id, {})])).toMatch('not a state event')
  })

  test('one that was rejected, is unknown, or is of another room', () => {
    expect(check(id, usual(id), '$joined')).toBe('An auth event of this event was rejected.')
    expect(check(id, usual(id), undefined, ['$unknown'])).toBe('An auth event of this event is not known.')
    const [first, ...rest] = usual(id)
    if (!first) throw new Error('no auth event')
    expect(check(id, [...rest, { ...first, roomId: '!elsewhere:a.example' }])).toMatch('another room')
  })

  test('a create event lists none and is judged elsewhere', () => {
    expect(verdict(checkAuthEvents(createEvent(id), [], () => false))).toBe('allowed')
  })
})

test('the create event must be listed up to version 11 and must not be from version 12 on', () => {
  for (const id of versions(1, 11)) {
    expect(check(id, [member(id, USER, 'join')])).toBe(
      'The create event of the room is not among the auth events.',
    )
  }
  expect(check('12', [...usual('12'), createEvent('12')])).toMatch('does not bear on it')
})

test('the target and the join rules bear on membership events', () => {
  const rules = makeEvent('11', { type: 'm.room.join_rules', stateKey: '' })
  const auth = [...usual('11'), rules, member('11', MOD, 'leave')]
  const invite = (membership: string) =>
    makeEvent('11', {
      type: 'm.room.member',
      stateKey: MOD,
      content: { membership },
      authEvents: auth.map(({ eventId }) => eventId),
    })
  expect(verdict(checkAuthEvents(invite('invite'), auth, () => false))).toBe('allowed')
  expect(verdict(checkAuthEvents(invite('ban'), auth, () => false))).toMatch('does not bear on it')
})
