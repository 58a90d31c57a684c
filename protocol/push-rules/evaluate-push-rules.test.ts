import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JsonObject, JsonValue } from '../json/value.ts'
import { bystanderPushRules, defaultPushRules } from './default-rules.ts'
import { compilePushRules, evaluatePushRules } from './evaluate-push-rules.ts'
import type { PushContext } from './push-context.ts'
import { pushEvent } from './push-event.ts'
import type { PushOutcome } from './push-outcome.ts'
import type { PushRule, PushRuleset } from './push-rule.ts'

const ALICE = '@alice:example.org'
const ROOM: PushContext = { displayName: 'Alice', memberCount: 5, senderPower: 0, powerLevels: {} }
const NONE: PushRuleset = { override: [], content: [], postcontent: [], room: [], sender: [], underride: [] }

function event(fields: JsonObject): ReturnType<typeof pushEvent> {
  return pushEvent({
    room_id: '!r:example.org',
    sender: '@bob:example.org',
    type: 'm.room.message',
    ...fields,
  })
}

function evaluate(rules: PushRuleset, fields: JsonObject, context = ROOM): PushOutcome | undefined {
  return evaluatePushRules(compilePushRules(rules), event(fields), context)
}

function rule(id: string, extra: Partial<PushRule>): PushRule {
  return { rule_id: id, default: false, enabled: true, actions: ['notify'], ...extra }
}

function holds(condition: JsonObject, fields: JsonObject, context = ROOM): boolean {
  return (
    evaluate({ ...NONE, override: [rule('r', { conditions: [condition] })] }, fields, context) !== undefined
  )
}

describe('default rules', () => {
  const member = { type: 'm.room.member', content: { membership: 'invite' } }
  it.each<[string, JsonObject, Partial<PushContext>, Partial<PushOutcome> | undefined]>([
    [
      'message',
      { content: { body: 'hi' } },
      {},
      { ruleId: '.m.rule.message', notify: true, sound: undefined },
    ],
    [
      'message of two',
      { content: {} },
      { memberCount: 2 },
      { ruleId: '.m.rule.room_one_to_one', sound: 'default' },
    ],
    [
      'notice',
      { content: { msgtype: 'm.notice' } },
      {},
      { ruleId: '.m.rule.suppress_notices', notify: false },
    ],
    ['invite', { ...member, state_key: ALICE }, {}, { ruleId: '.m.rule.invite_for_me', sound: 'default' }],
    [
      'another invite',
      { ...member, state_key: '@x:y' },
      {},
      { ruleId: '.m.rule.member_event', notify: false },
    ],
    [
      'mention',
      { content: { body: 'x', 'm.mentions': { user_ids: ['@x:y', ALICE] } } },
      {},
      { ruleId: '.m.rule.is_user_mention', notify: true, highlight: true, sound: 'default' },
    ],
    ['name in the body is no mention', { content: { body: 'hi Alice' } }, {}, { highlight: false }],
    [
      'room mention',
      { content: { 'm.mentions': { room: true } } },
      { senderPower: 50 },
      { ruleId: '.m.rule.is_room_mention', highlight: true },
    ],
    [
      'powerless room mention',
      { content: { 'm.mentions': { room: true } } },
      {},
      { ruleId: '.m.rule.message' },
    ],
    ['tombstone', { type: 'm.room.tombstone', state_key: '', content: {} }, {}, { highlight: true }],
    ['tombstone that is no state', { type: 'm.room.tombstone', content: {} }, {}, undefined],
    ['reaction', { type: 'm.reaction' }, {}, { ruleId: '.m.rule.reaction', notify: false }],
    ['ACL', { type: 'm.room.server_acl', state_key: '' }, {}, { ruleId: '.m.rule.room.server_acl' }],
    [
      'edit',
      { content: { body: 'x', 'm.relates_to': { rel_type: 'm.replace' } } },
      {},
      { ruleId: '.m.rule.suppress_edits', notify: false },
    ],
    ['call', { type: 'm.call.invite' }, {}, { ruleId: '.m.rule.call', sound: 'ring' }],
    ['encrypted', { type: 'm.room.encrypted' }, {}, { ruleId: '.m.rule.encrypted', sound: undefined }],
    ['encrypted of two', { type: 'm.room.encrypted' }, { memberCount: 2 }, { sound: 'default' }],
    ['anything else', { type: 'org.example.thing' }, {}, undefined],
    [
      'message of a thread that the user follows',
      { content: { body: 'x' } },
      { inSubscribedThread: true },
      { ruleId: '.io.element.msc4306.rule.subscribed_thread', notify: true, sound: 'default' },
    ],
    [
      'message of another thread',
      { content: { body: 'x' } },
      { inSubscribedThread: false },
      { ruleId: '.io.element.msc4306.rule.unsubscribed_thread', notify: false },
    ],
    [
      'mention in another thread',
      { content: { 'm.mentions': { user_ids: [ALICE] } } },
      { inSubscribedThread: false },
      { ruleId: '.m.rule.is_user_mention', highlight: true },
    ],
  ])('%s', (_name, fields, context, expected) => {
    const outcome = evaluate(defaultPushRules(ALICE), fields, { ...ROOM, ...context })
    if (expected === undefined) expect(outcome).toBeUndefined()
    else expect(outcome).toMatchObject(expected)
  })

  it('never name a bystander, not even by an empty id', () => {
    const fields = { content: { 'm.mentions': { user_ids: [''] } } }
    expect(evaluate(bystanderPushRules(), fields)).toMatchObject({
      ruleId: '.m.rule.message',
      highlight: false,
    })
  })
})

describe('conditions', () => {
  it('match a property as a whole, without regard to case', () => {
    const condition = { kind: 'event_match', key: 'content.topic', pattern: 'lunc?*' }
    for (const topic of ['Lunch plans', 'LUNCH']) expect(holds(condition, { content: { topic } })).toBe(true)
    for (const topic of [' lunch', 'lunc', null, 1, ['lunch']]) {
      expect(holds(condition, { content: { topic } })).toBe(false)
    }
    expect(holds({ ...condition, pattern: '*' }, { content: {} })).toBe(false)
  })

  it('match the body by words', () => {
    const condition = { kind: 'event_match', key: 'content.body', pattern: 'ex*ple' }
    expect(holds(condition, { content: { body: 'An example event.' } })).toBe(true)
    expect(holds(condition, { content: { body: 'unexampled' } })).toBe(false)
  })

  it('unescape dots and backslashes in keys, and nothing else', () => {
    const is = (key: string, content: JsonObject): boolean =>
      holds({ kind: 'event_property_is', key, value: 1 }, { content })
    expect(is('content.m\\.x.y', { 'm.x': { y: 1 } })).toBe(true)
    expect(is('content.m.x.y', { 'm.x': { y: 1 } })).toBe(false)
    expect(is('content.m\\\\x', { 'm\\x': 1 })).toBe(true)
    expect(is('content.m\\x', { 'm\\x': 1 })).toBe(true)
    expect(is('content.', { '': 1 })).toBe(true)
  })

  it('compare exactly', () => {
    const is = (value: JsonObject[string], actual: JsonObject[string]): boolean =>
      holds({ kind: 'event_property_is', key: 'content.v', value }, { content: { v: actual } })
    for (const value of ['a', 0, -5, true, false, null]) expect(is(value, value)).toBe(true)
    expect(is(true, 'true')).toBe(false)
    expect(is(true, 1)).toBe(false)
    expect(is(0.5, 0.5)).toBe(false)
    expect(is(['a'], ['a'])).toBe(false)
    expect(is({}, {})).toBe(false)
    expect(holds({ kind: 'event_property_is', key: 'content.v', value: null }, { content: {} })).toBe(false)
  })

  it('look into lists', () => {
    const contains = { kind: 'event_property_contains', key: 'content.list', value: '#a:b' }
    expect(holds(contains, { content: { list: ['x', '#a:b'] } })).toBe(true)
    expect(holds(contains, { content: { list: ['#a:bc', ['#a:b']] } })).toBe(false)
    expect(holds(contains, { content: { list: '#a:b' } })).toBe(false)
  })

  it.each([
    ['2', 2, true],
    ['==2', 2, true],
    ['<2', 2, false],
    ['<=2', 2, true],
    ['>2', 3, true],
    ['>=4', 3, false],
    ['', 0, false],
    ['<', 0, false],
    ['=2', 2, false],
    ['2.0', 2, false],
    ['-1', -1, false],
  ])('member count %j with %i members: %j', (is, memberCount, expected) => {
    expect(holds({ kind: 'room_member_count', is }, {}, { ...ROOM, memberCount })).toBe(expected)
  })

  it('find the display name as words, taken literally', () => {
    const condition = { kind: 'contains_display_name' }
    const found = (displayName: string | undefined, body: string): boolean =>
      holds(condition, { content: { body } }, { ...ROOM, displayName })
    expect(found('Alice', 'hello, ALICE!')).toBe(true)
    expect(found('Alice', 'malice')).toBe(false)
    expect(found('A*e', 'Alice')).toBe(false)
    expect(found('', 'Alice')).toBe(false)
    expect(found(undefined, 'undefined')).toBe(false)
    expect(found('a'.repeat(100_000), 'aaa')).toBe(false)
  })

  it('ask the power levels, whatever the key is called', () => {
    const may = (key: string, senderPower: number, notifications: JsonObject): boolean =>
      holds(
        { kind: 'sender_notification_permission', key },
        {},
        { ...ROOM, senderPower, powerLevels: { notifications } },
      )
    expect(may('room', 20, { room: 20 })).toBe(true)
    expect(may('room', 19, { room: 20 })).toBe(false)
    expect(may('other', 49, { room: 20 })).toBe(false)
    expect(may('__proto__', 49, {})).toBe(false)
    expect(may('constructor', 50, {})).toBe(true)
    expect(may('room', Infinity, { room: 1000 })).toBe(true)
  })

  it('never match when unknown or malformed', () => {
    const malformed: JsonObject[] = [
      {},
      { kind: 'x' },
      { kind: 'event_match', key: 'type' },
      { kind: 'toString' },
    ]
    for (const condition of malformed) {
      expect(holds(condition, {})).toBe(false)
    }
  })
})

describe('order', () => {
  const all: PushRuleset = {
    override: [
      rule('o1', { conditions: [{ kind: 'event_match', key: 'content.body', pattern: 'override' }] }),
    ],
    content: [rule('c1', { pattern: 'cake' }), rule('c2', { pattern: 'cake*lie' })],
    postcontent: [rule('p1', { conditions: [{ kind: 'event_match', key: 'type', pattern: 'x' }] })],
    room: [rule('!r:example.org', { enabled: false }), rule('!R:example.org', {})],
    sender: [rule('@bob:example.org', {})],
    underride: [rule('u1', {})],
  }

  it('goes by kind, then by place', () => {
    const id = (body: string): string | undefined => evaluate(all, { content: { body } })?.ruleId
    expect(id('override cake')).toBe('o1')
    expect(id('cake is a lie')).toBe('c1')
    expect(id('bread')).toBe('@bob:example.org')
    expect(evaluate(all, { type: 'x', content: { body: 'cake' } })?.ruleId).toBe('c1')
    expect(evaluate({ ...all, room: [rule('!r:example.org', {})] }, { type: 'x' })?.ruleId).toBe('p1')
    expect(evaluate({ ...all, sender: [] }, {})?.ruleId).toBe('u1')
    expect(evaluate({ ...all, room: [rule('!r:example.org', {})] }, {})?.kind).toBe('room')
  })
})

describe('actions', () => {
  it('ignore what is historical or unknown', () => {
    const outcome = evaluate(
      { ...NONE, underride: [rule('u', { actions: ['dont_notify', 'coalesce', 7, {}] })] },
      {},
    )
    expect(outcome).toMatchObject({ notify: false, highlight: false, sound: undefined })
  })

  it('pass tweaks on', () => {
    const actions: JsonValue[] = [
      'notify',
      { set_tweak: 'highlight', value: false },
      { set_tweak: '__proto__', value: 1 },
      { set_tweak: 'flash' },
    ]
    const outcome = evaluate({ ...NONE, underride: [rule('u', { actions })] }, {})
    expect(outcome?.highlight).toBe(false)
    expect([...(outcome?.tweaks ?? [])]).toEqual([
      ['highlight', false],
      ['__proto__', 1],
    ])
  })
})

it('evaluates any rule on any event without throwing', () => {
  const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)))
  fc.assert(
    fc.property(json, json, json, (content, condition, actions) => {
      const conditions = [
        typeof condition === 'object' && condition !== null ? condition : { kind: condition },
      ]
      const rules = {
        ...NONE,
        override: [rule('r', { conditions, actions: Array.isArray(actions) ? actions : [] })],
      }
      const outcome = evaluate(rules, { content })
      expect(outcome === undefined || outcome.ruleId === 'r').toBe(true)
    }),
  )
})
