import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../json/value.ts'
import { deletePushRule, putPushRule, setPushRuleActions, setPushRuleEnabled } from './change-push-rules.ts'
import type { PushRuleKind } from './push-rule.ts'
import {
  findPushRule,
  pushRulesetOf,
  type StoredPushRules,
  UNCHANGED_PUSH_RULES,
} from './stored-push-rules.ts'

const ALICE = '@alice:example.org'

function put(
  stored: StoredPushRules,
  id: string,
  position?: { before?: string; after?: string },
): StoredPushRules {
  return putPushRule(stored, 'content', id, { pattern: id, actions: ['notify'] }, position)
}

function ids(stored: StoredPushRules, kind: PushRuleKind): string[] {
  return pushRulesetOf(ALICE, stored)[kind].map((rule) => rule.rule_id)
}

describe('places', () => {
  const abc = put(put(put(UNCHANGED_PUSH_RULES, 'c'), 'b'), 'a')

  it('puts a new rule on top, and keeps the place of an old one', () => {
    expect(ids(abc, 'content')).toEqual(['a', 'b', 'c'])
    expect(ids(put(abc, 'b'), 'content')).toEqual(['a', 'b', 'c'])
  })

  it('puts a rule before or after another, before counting first', () => {
    expect(ids(put(abc, 'x', { before: 'b' }), 'content')).toEqual(['a', 'x', 'b', 'c'])
    expect(ids(put(abc, 'x', { after: 'b' }), 'content')).toEqual(['a', 'b', 'x', 'c'])
    expect(ids(put(abc, 'x', { before: 'c', after: 'a' }), 'content')).toEqual(['a', 'b', 'x', 'c'])
    expect(ids(put(abc, 'a', { after: 'c' }), 'content')).toEqual(['b', 'c', 'a'])
  })

  it.each(['nobody', '.m.rule.message', 'b/../c'])('refuses the neighbour %j', (before) => {
    expect(() => put(abc, 'x', { before })).toThrow(
      expect.objectContaining({ status: 400, errcode: 'M_UNKNOWN' }),
    )
  })

  it('puts own rules below the master rule and above the other default rules', () => {
    const stored = putPushRule(UNCHANGED_PUSH_RULES, 'override', 'mine', { actions: [] })
    expect(ids(stored, 'override').slice(0, 3)).toEqual([
      '.m.rule.master',
      'mine',
      '.m.rule.suppress_notices',
    ])
  })
})

describe('changes', () => {
  it('leave what was given unchanged', () => {
    const before = JSON.stringify(UNCHANGED_PUSH_RULES)
    setPushRuleEnabled(put(UNCHANGED_PUSH_RULES, 'a'), 'content', 'a', false)
    expect(JSON.stringify(UNCHANGED_PUSH_RULES)).toBe(before)
  })

  it('enable and disable own and default rules, and survive storage', () => {
    let stored = setPushRuleEnabled(put(UNCHANGED_PUSH_RULES, 'a'), 'content', 'a', false)
    stored = setPushRuleEnabled(stored, 'override', '.m.rule.master', true)
    stored = setPushRuleActions(stored, 'override', '.m.rule.master', ['notify', 'dont_notify'])
    const rules = pushRulesetOf(ALICE, JSON.parse(JSON.stringify(stored)))
    expect(findPushRule(rules, 'content', 'a')?.enabled).toBe(false)
    expect(findPushRule(rules, 'override', '.m.rule.master')).toMatchObject({
      enabled: true,
      actions: ['notify', 'dont_notify'],
    })
  })

  it('return historical actions as they were given', () => {
    const actions = ['dont_notify', 'coalesce', { set_tweak: 'highlight' }]
    let stored = putPushRule(UNCHANGED_PUSH_RULES, 'room', '!r:example.org', { actions })
    expect(findPushRule(pushRulesetOf(ALICE, stored), 'room', '!r:example.org')?.actions).toEqual(actions)
    stored = setPushRuleActions(stored, 'room', '!r:example.org', ['dont_notify'])
    expect(findPushRule(pushRulesetOf(ALICE, stored), 'room', '!r:example.org')?.actions).toEqual([
      'dont_notify',
    ])
  })

  it('keep a replaced rule disabled', () => {
    const disabled = setPushRuleEnabled(put(UNCHANGED_PUSH_RULES, 'a'), 'content', 'a', false)
    expect(findPushRule(pushRulesetOf(ALICE, put(disabled, 'a')), 'content', 'a')?.enabled).toBe(false)
  })

  it('delete own rules only', () => {
    expect(ids(deletePushRule(put(UNCHANGED_PUSH_RULES, 'a'), 'content', 'a'), 'content')).toEqual([])
    for (const id of ['a', '.m.rule.master', '__proto__']) {
      expect(() => deletePushRule(UNCHANGED_PUSH_RULES, 'override', id)).toThrow(
        expect.objectContaining({ status: 404 }),
      )
    }
  })

  it('do not find a default rule under another kind', () => {
    expect(() => setPushRuleEnabled(UNCHANGED_PUSH_RULES, 'underride', '.m.rule.master', true)).toThrow(
      expect.objectContaining({ status: 404 }),
    )
  })
})

describe('refusals', () => {
  it.each<[PushRuleKind, string, JsonObject, string]>([
    ['override', '.mine', { actions: [] }, 'M_INVALID_PARAM'],
    ['override', 'a/b', { actions: [] }, 'M_INVALID_PARAM'],
    ['override', 'a\\b', { actions: [] }, 'M_INVALID_PARAM'],
    ['override', '', { actions: [] }, 'M_INVALID_PARAM'],
    ['override', 'a'.repeat(300), { actions: [] }, 'M_TOO_LARGE'],
    ['override', 'a', {}, 'M_MISSING_PARAM'],
    ['override', 'a', { actions: 'notify' }, 'M_INVALID_PARAM'],
    ['override', 'a', { actions: ['explode'] }, 'M_INVALID_PARAM'],
    ['override', 'a', { actions: [{ set_tweak: 1 }] }, 'M_INVALID_PARAM'],
    ['override', 'a', { actions: Array(17).fill('notify') }, 'M_TOO_LARGE'],
    ['override', 'a', { actions: [], conditions: {} }, 'M_INVALID_PARAM'],
    ['override', 'a', { actions: [], conditions: [{}] }, 'M_INVALID_PARAM'],
    ['override', 'a', { actions: [], conditions: Array(33).fill({ kind: 'x' }) }, 'M_TOO_LARGE'],
    ['override', 'a', { actions: [], conditions: [{ kind: 'event_match', pattern: 5 }] }, 'M_INVALID_PARAM'],
    ['override', 'a', { actions: [], conditions: [{ kind: 'x', y: 'z'.repeat(9_000) }] }, 'M_TOO_LARGE'],
    ['content', 'a', { actions: [] }, 'M_MISSING_PARAM'],
    ['content', 'a', { actions: [], pattern: '*a'.repeat(600) }, 'M_TOO_LARGE'],
    ['room', 'a', { actions: [] }, 'M_INVALID_PARAM'],
    ['sender', 'a', { actions: [] }, 'M_INVALID_PARAM'],
  ])('%s rule %j with %j', (kind, id, body, errcode) => {
    expect(() => putPushRule(UNCHANGED_PUSH_RULES, kind, id, body)).toThrow(
      expect.objectContaining({ status: 400, errcode }),
    )
  })

  it('hold the number of rules down', () => {
    const room = Array.from({ length: 1_000 }, (_, index) => ({
      rule_id: `!${index}:example.org`,
      default: false,
      enabled: true,
      actions: [],
    }))
    const full: StoredPushRules = { ...UNCHANGED_PUSH_RULES, own: { ...UNCHANGED_PUSH_RULES.own, room } }
    expect(() => put(full, 'one more')).toThrow(expect.objectContaining({ errcode: 'M_TOO_LARGE' }))
    expect(ids(putPushRule(full, 'room', '!7:example.org', { actions: [] }), 'room')).toHaveLength(1_000)
  })

  it.each([1, 'true', null, undefined])('%j is no answer to whether a rule is enabled', (enabled) => {
    expect(() => setPushRuleEnabled(UNCHANGED_PUSH_RULES, 'override', '.m.rule.master', enabled)).toThrow(
      expect.objectContaining({ status: 400 }),
    )
  })
})
