import { describe, expect, test } from 'vitest'
import { authStateOf } from './auth-state.ts'
import { checkAuth } from './check-auth.ts'
import { createEvent, CREATOR, OTHER, verdict, VERSIONS, versions } from './room.fixture.ts'
import type { EventFields } from './room.fixture.ts'
import type { JsonObject } from '../json/value.ts'
import type { RoomVersionId } from '../room-versions/rules.ts'

function create(id: RoomVersionId, content: JsonObject = {}, more: EventFields = {}): string {
  return verdict(checkAuth(createEvent(id, content, more), authStateOf([])))
}

describe.each(VERSIONS)('a create event of version %s', (id) => {
  test('that is right', () => {
    expect(create(id)).toBe('allowed')
    expect(create(id, { predecessor: 'a string', 'm.federate': 'x', type: 7 })).toBe('allowed')
  })

  test('with previous events, like a second one', () => {
    expect(create(id, {}, { prevEvents: ['$x'] })).toBe('A create event has no previous events.')
  })

  test('with another room version than it is read by', () => {
    for (const version of ['', 'org.example', Number(id), null, [id], '13']) {
      expect(create(id, { room_version: version })).toMatch('another room version')
    }
  })
})

test('a create event that names no version begins a room of version 1', () => {
  const unnamed = createEvent('1')
  expect(verdict(checkAuth({ ...unnamed, content: { creator: CREATOR } }, authStateOf([])))).toBe('allowed')
  expect(
    verdict(checkAuth({ ...createEvent('10'), content: { creator: CREATOR } }, authStateOf([]))),
  ).toMatch('another')
})

test.each(versions(1, 11))("in version %s the room id belongs to the creator's server", (id) => {
  for (const roomId of ['!room:b.example', '!room', '!room:a.example:1']) {
    expect(create(id, {}, { roomId })).toBe('The room id belongs to another server than the creator.')
  }
  expect(create(id, {}, { roomId: '!room:a.example:8448', sender: '@u:a.example:8448' })).toBe('allowed')
})

test.each(versions(1, 10))('version %s needs a creator', (id) => {
  const { creator: _, ...content } = createEvent(id).content
  expect(verdict(checkAuth({ ...createEvent(id), content }, authStateOf([])))).toMatch('names no creator')
})

test('version 12 has no room id in the event', () => {
  expect(create('12', {}, { pdu: { room_id: '!x:a.example' } })).toMatch('has no room id')
  expect(create('11', {}, { pdu: { room_id: '!room:a.example' } })).toBe('allowed')
})

test('version 12 checks its additional creators', () => {
  expect(create('12', { additional_creators: [] })).toBe('allowed')
  expect(create('12', { additional_creators: [OTHER, OTHER, CREATOR] })).toBe('allowed')
  for (const additional of [OTHER, {}, null, [1], [null], ['x'], ['@x'], [OTHER, 'user:x'], [[OTHER]]]) {
    expect(create('12', { additional_creators: additional })).toMatch('not a list of user ids')
    expect(create('11', { additional_creators: additional })).toBe('allowed')
  }
})
