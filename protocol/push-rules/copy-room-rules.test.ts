import { expect, it } from 'vitest'
import type { JsonObject } from '../json/value.ts'
import { putPushRule } from './change-push-rules.ts'
import { copyRoomRules } from './copy-room-rules.ts'
import { UNCHANGED_PUSH_RULES } from './stored-push-rules.ts'

const OLD = '!old:here.test'
const NEW = '!new:here.test'

it('the new room gets the rules of the old one, each once', () => {
  const mute: JsonObject = {
    actions: [],
    conditions: [{ kind: 'event_match', key: 'room_id', pattern: OLD }, { kind: 'unknown' }],
  }
  const keyword = { actions: ['notify'], pattern: OLD }
  let rules = putPushRule(UNCHANGED_PUSH_RULES, 'room', OLD, { actions: ['dont_notify'] })
  rules = putPushRule(rules, 'override', OLD, mute)
  rules = putPushRule(rules, 'content', OLD, keyword)
  const copied = copyRoomRules(rules, OLD, NEW)
  expect(copied.own.room.map(({ rule_id }) => rule_id)).toEqual([NEW, OLD])
  expect(copied.own.override).toEqual([
    {
      ...rules.own.override[0],
      rule_id: NEW,
      conditions: [{ kind: 'event_match', key: 'room_id', pattern: NEW }, { kind: 'unknown' }],
    },
    rules.own.override[0],
  ])
  expect(copied.own.content).toEqual(rules.own.content)
  expect(copyRoomRules(copied, OLD, NEW)).toBe(copied)
})
