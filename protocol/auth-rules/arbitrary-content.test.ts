import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LosslessNumber } from '../json/value.ts'
import type { JsonObject, JsonValue } from '../json/value.ts'
import { checkAuthEvents } from './check-auth-events.ts'
import { checkAuth } from './check-auth.ts'
import { CREATOR, makeEvent, MOD, OTHER, roomState, USER, VERSIONS } from './room.fixture.ts'

const RUNS = 2_000

const value: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue; object: JsonObject }>((tie) => ({
  object: fc.dictionary(
    fc.oneof(
      fc.constantFrom('users', 'events', 'signed', 'token', 'mxid', 'signatures', 'membership', 'ed25519:1'),
      fc.constantFrom('__proto__', 'constructor', USER, CREATOR, 'public_key', 'public_keys', 'ban'),
      fc.string(),
    ),
    tie('value'),
    { maxKeys: 4 },
  ),
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<JsonValue[]>(
      null,
      true,
      0,
      50,
      2 ** 53,
      -1,
      1.5,
      '50',
      'join',
      '@',
      USER,
      OTHER,
      '\ud800',
    ),
    fc.constantFrom('1e400', '1.0', '99999999999999999999').map((text) => new LosslessNumber(text)),
    fc.string(),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('object'),
  ),
})).value

const KEYS = [
  'membership users users_default events notifications ban kick third_party_invite creator additional_creators',
  'room_version join_authorised_via_users_server join_rule public_key public_keys m.federate signed __proto__',
]
  .join(' ')
  .split(' ')

const membership = fc.constantFrom('join', 'invite', 'leave', 'ban', 'knock')

const content: fc.Arbitrary<JsonObject> = fc
  .tuple(
    fc.dictionary(fc.constantFrom(...KEYS), value, { maxKeys: 5 }),
    fc.option(membership, { nil: undefined }),
  )
  .map(([keys, known]) => (known === undefined ? keys : { ...keys, membership: known }))

const type = fc.constantFrom(
  'm.room.create',
  'm.room.member',
  'm.room.power_levels',
  'm.room.join_rules',
  'm.room.third_party_invite',
  'm.room.aliases',
  'm.room.redaction',
  '__proto__',
)

const person = fc.constantFrom(CREATOR, MOD, USER, OTHER, '@', '__proto__', '')

test('any content in the event and in the state is judged, and never throws', () => {
  const subject = fc.record({
    type,
    content,
    sender: person,
    stateKey: fc.option(person, { nil: undefined }),
    redacts: fc.option(fc.string(), { nil: undefined }),
  })
  const state = fc.array(fc.record({ type, content, sender: person, stateKey: person }), { maxLength: 5 })

  fc.assert(
    fc.property(fc.constantFrom(...VERSIONS), subject, state, content, (id, fields, others, create) => {
      const event = makeEvent(id, fields)
      const more = others.map((other) => makeEvent(id, other))
      const result = checkAuth(event, roomState(id, { more, create }))
      expect(result.allowed || result.reason.endsWith('.')).toBe(true)
      expect(checkAuthEvents(event, more, () => false)).toHaveProperty('allowed')
    }),
    { numRuns: RUNS },
  )
})

test('whatever the content, nobody outside sends anything but membership', () => {
  const sent = fc.constantFrom(
    'm.room.message',
    'm.room.power_levels',
    'm.room.join_rules',
    'm.room.redaction',
  )
  fc.assert(
    fc.property(fc.constantFrom(...VERSIONS), sent, content, membership, (id, kind, body, current) => {
      fc.pre(current !== 'join')
      const event = makeEvent(id, { type: kind, sender: OTHER, stateKey: '', content: body })
      expect(checkAuth(event, roomState(id, { members: { [OTHER]: current } })).allowed).toBe(false)
    }),
    { numRuns: RUNS },
  )
})
