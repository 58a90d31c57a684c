import { describe, expect, test } from 'vitest'
import { authStateOf } from './auth-state.ts'
import { checkAuth } from './check-auth.ts'
import {
  ADMIN,
  CREATOR,
  judge,
  makeEvent,
  MOD,
  OTHER,
  USER,
  verdict,
  VERSIONS,
  versions,
} from './room.fixture.ts'
import { createEvent, member } from './room.fixture.ts'

const OUTSIDE = 'The sender is not in the room.'

describe.each(VERSIONS)('version %s', (id) => {
  test('messages are for members', () => {
    expect(judge(id, {})).toBe('allowed')
    for (const membership of ['invite', 'leave', 'ban', 'knock']) {
      expect(judge(id, {}, { members: { [USER]: membership } })).toBe(OUTSIDE)
    }
    expect(judge(id, { sender: OTHER })).toBe(OUTSIDE)
  })

  test('the level of the event type', () => {
    const lacks = 'The sender lacks the power level to send this type of event.'
    expect(judge(id, { type: 'm.room.name', stateKey: '' })).toBe(lacks)
    expect(judge(id, { type: 'm.room.name', stateKey: '', sender: MOD })).toBe('allowed')
    expect(
      judge(id, { type: 'm.room.name', stateKey: '' }, { levels: { events: { 'm.room.name': 0 } } }),
    ).toBe('allowed')
    expect(judge(id, {}, { levels: { events_default: 1 } })).toBe(lacks)
    expect(judge(id, { type: 'm.room.name', stateKey: '', sender: CREATOR }, { levels: null })).toBe(
      'allowed',
    )
    expect(judge(id, { type: 'm.room.name', stateKey: '', sender: ADMIN }, { levels: null })).toBe(lacks)
  })

  test('state keyed by a user', () => {
    const fields = { type: 'x.state', sender: ADMIN }
    expect(judge(id, { ...fields, stateKey: ADMIN })).toBe('allowed')
    expect(judge(id, { ...fields, stateKey: USER })).toMatch('for that user to set')
    expect(judge(id, { ...fields, stateKey: '@' })).toMatch('for that user to set')
    expect(judge(id, { ...fields, stateKey: 'user' })).toBe('allowed')
  })

  test('third-party invitations need the invite level alone', () => {
    const fields = { type: 'm.room.third_party_invite', stateKey: 'token' }
    expect(judge(id, fields)).toBe('allowed')
    expect(judge(id, fields, { levels: { invite: 1 } })).toMatch('power level to invite')
    expect(judge(id, { ...fields, sender: OTHER })).toBe(OUTSIDE)
  })

  test('a room without a create event', () => {
    const event = makeEvent(id, {})
    expect(verdict(checkAuth(event, authStateOf([member(id, USER, 'join')])))).toBe(
      'The room has no create event.',
    )
  })

  test('a room that does not federate', () => {
    const create = { 'm.federate': false }
    expect(judge(id, {}, { create })).toBe('The room does not federate.')
    expect(judge(id, { sender: ADMIN }, { create })).toBe('allowed')
    expect(judge(id, {}, { create: { 'm.federate': true } })).toBe('allowed')
    const join = { type: 'm.room.member', sender: OTHER, stateKey: OTHER, content: { membership: 'join' } }
    expect(judge(id, join, { create, joinRule: 'public' })).toBe('The room does not federate.')
  })

  test('aliases are special up to version 5', () => {
    const fields = { type: 'm.room.aliases', sender: OTHER }
    if (Number(id) <= 5) {
      expect(judge(id, { ...fields, stateKey: 'c.example' })).toBe('allowed')
      expect(judge(id, { ...fields, stateKey: 'a.example' })).toMatch('of another server')
      expect(judge(id, fields)).toBe('An aliases event needs a state key.')
    } else {
      expect(judge(id, { ...fields, stateKey: 'c.example' })).toBe(OUTSIDE)
      expect(judge(id, { ...fields, sender: USER, stateKey: 'b.example' })).toMatch('lacks the power level')
    }
  })
})

test('redactions are judged in versions 1 and 2 alone', () => {
  const fields = { type: 'm.room.redaction', eventId: '$redaction:b.example' }
  const foreign = { ...fields, redacts: '$event:c.example' }
  const own = { ...fields, redacts: '$event:b.example' }
  for (const id of versions(1, 2)) {
    expect(judge(id, foreign)).toMatch('needs the redact power level')
    expect(judge(id, { ...fields, redacts: undefined })).toMatch('needs the redact power level')
    expect(judge(id, { ...fields, redacts: '$no-domain' })).toMatch('needs the redact power level')
    expect(judge(id, { ...foreign, eventId: '$no-domain', redacts: '$none-either' })).toMatch(
      'needs the redact',
    )
    expect(judge(id, own)).toBe('allowed')
    expect(judge(id, { ...foreign, sender: MOD })).toBe('allowed')
  }
  for (const id of versions(3)) expect(judge(id, foreign)).toBe('allowed')
})

test('version 12: the room id is that of the create event', () => {
  const auth = authStateOf([member('12', USER, 'join')], createEvent('12'))
  expect(verdict(checkAuth(makeEvent('12', {}), auth))).toBe('allowed')
  for (const roomId of ['!other', '!create:a.example', '$create']) {
    expect(verdict(checkAuth(makeEvent('12', { roomId }), auth))).toBe(
      'The room id is not that of the create event.',
    )
  }
})
