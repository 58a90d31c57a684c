import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isJsonObject, type JsonObject, type JsonValue } from '../../../protocol/json/value.ts'
import { readRemoteSummary } from './read-remote-summary.ts'
import { SUMMARISED_TYPES, summariseState } from './summarise-state.ts'
import { roomSummaryJson } from './summary-json.ts'
import { createEventIn, stateEventIn } from './test-state.fixture.ts'

const ROOM = '!room:here.test'

function summarise(contents: Readonly<Record<string, JsonObject>>) {
  const state = new Map([['m.room.create', createEventIn(ROOM, contents['m.room.create'])]])
  for (const [type, content] of Object.entries(contents)) {
    if (type !== 'm.room.create') state.set(type, stateEventIn(ROOM, type, content))
  }
  return summariseState(state, 3)!
}

const textBlock = (...variants: JsonObject[]): JsonObject => ({ 'm.text': variants })

test.each<[string, JsonObject, string | undefined]>([
  ['old', { topic: 'old' }, 'old'],
  ['plain', { topic: 'old', 'm.topic': textBlock({ body: 'plain' }) }, 'plain'],
  [
    'formatted first',
    {
      'm.topic': textBlock(
        { mimetype: 'text/html', body: '<b>x</b>' },
        { mimetype: 'text/plain', body: 'x' },
      ),
    },
    'x',
  ],
  ['formatted alone', { 'm.topic': textBlock({ mimetype: 'text/html', body: '<b>x</b>' }) }, undefined],
  ['empty', { topic: '' }, undefined],
  ['malformed', { topic: 7, 'm.topic': { 'm.text': 'x' } }, undefined],
])('the topic is plain text: %s', (_, content, topic) => {
  expect(summarise({ 'm.room.topic': content }).topic).toBe(topic)
})

test('rooms whose members may join are told of restricted rooms alone', () => {
  const allow: JsonValue[] = [
    { type: 'm.room_membership', room_id: '!space:here.test' },
    { type: 'other' },
    'nonsense',
  ]
  const rules = (join_rule: string) => summarise({ 'm.room.join_rules': { join_rule, allow } }).allowedRoomIds
  expect(rules('restricted')).toEqual(['!space:here.test'])
  expect(rules('knock_restricted')).toEqual(['!space:here.test'])
  expect(rules('public')).toEqual([])
})

test('a room that says nothing is by invitation, and closed', () => {
  expect(roomSummaryJson(summarise({}))).toEqual({
    room_id: ROOM,
    num_joined_members: 3,
    world_readable: false,
    guest_can_join: false,
    join_rule: 'invite',
    room_version: '10',
  })
})

const contents = fc.dictionary(
  fc.constantFrom('name', 'topic', 'url', 'alias', 'join_rule', 'allow', 'm.topic', 'type', 'algorithm'),
  fc.jsonValue() as fc.Arbitrary<JsonValue>,
)

test('whatever the state holds, the summary is what another server reads of it', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...SUMMARISED_TYPES), contents), (state) => {
      const summary = summarise(state)
      const json: unknown = JSON.parse(JSON.stringify(roomSummaryJson(summary)))
      if (!isJsonObject(json)) throw new TypeError('a summary is an object')
      expect(readRemoteSummary(json)).toEqual({ ...summary, federated: true })
    }),
  )
})
