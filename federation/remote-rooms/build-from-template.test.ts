import { expect, test } from 'vitest'
import { createSeed, createSigningKey } from '../../protocol/crypto/ed25519.ts'
import type { JsonObject } from '../../protocol/json/value.ts'
import { buildFromTemplate, type WantedMembership } from './build-from-template.ts'
import { UnusableAnswerError } from './try-servers.ts'

const signer = { serverName: 'here.test', ...createSigningKey(createSeed(), 'test') }
const ID = `$${'a'.repeat(43)}`
const ROOM = '!room:there.test'
const USER = '@bob:here.test'
const NOW = 1_700_000_000_000

const wanted: WantedMembership = {
  roomId: ROOM,
  userId: USER,
  membership: 'join',
  content: { displayname: 'Bob' },
}

function template(changes: JsonObject = {}): JsonObject {
  return {
    type: 'm.room.member',
    room_id: ROOM,
    sender: USER,
    state_key: USER,
    content: {
      membership: 'join',
      displayname: 'Mallory',
      join_authorised_via_users_server: '@a:there.test',
    },
    depth: 7,
    prev_events: [ID],
    auth_events: [ID],
    origin_server_ts: 1,
    hashes: { sha256: 'x' },
    signatures: {},
    unexpected: 'key',
    ...changes,
  }
}

function build(event: JsonObject, roomVersion = '10') {
  return buildFromTemplate(wanted, { event, roomVersion }, signer, NOW)
}

test('takes over the place in the DAG and the authoriser, and nothing else', () => {
  const event = build(template())
  expect(event).toMatchObject({ prevEvents: [ID], authEvents: [ID], depth: 7, originServerTs: NOW })
  expect(event.content).toEqual({
    displayname: 'Bob',
    membership: 'join',
    join_authorised_via_users_server: '@a:there.test',
  })
  expect(event.pdu).not.toHaveProperty('unexpected')
  expect(build(template(), '7').content).toEqual({ displayname: 'Bob', membership: 'join' })
})

test.each([
  ['another type', { type: 'm.room.power_levels' }],
  ['another room', { room_id: '!other:there.test' }],
  ['another sender', { sender: '@eve:here.test' }],
  ['another state key', { state_key: '@eve:here.test' }],
  ['another membership', { content: { membership: 'leave' } }],
  ['no content', { content: null }],
  ['no previous events', { prev_events: [] }],
  ['too many previous events', { prev_events: Array.from({ length: 21 }, () => ID) }],
  ['too many auth events', { auth_events: Array.from({ length: 11 }, () => ID) }],
  ['events that are none', { prev_events: ['no id'] }],
  ['an authoriser that is none', { content: { membership: 'join', join_authorised_via_users_server: 5 } }],
])('does not sign a proposal with %s', (_, changes) => {
  expect(() => build(template(changes as JsonObject))).toThrow(UnusableAnswerError)
})

test('does not join rooms of unknown versions', () => {
  expect(() => build(template(), '99')).toThrow(UnusableAnswerError)
})
