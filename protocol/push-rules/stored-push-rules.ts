import type { JsonValue } from '../json/value.ts'
import { defaultPushRules, MASTER_RULE } from './default-rules.ts'
import {
  PUSH_RULE_KINDS,
  type OwnPushRuleKind,
  type PushRule,
  type PushRuleKind,
  type PushRuleset,
} from './push-rule.ts'

/** What a user has made of the server's rules: plain JSON, to be stored as it is. */
export interface StoredPushRules {
  /** The user's own rules, each kind in order of priority. */
  readonly own: Readonly<Record<OwnPushRuleKind, readonly PushRule[]>>
  /** Changes to default rules. */
  readonly changedDefaults: readonly ChangedDefault[]
}

export interface ChangedDefault {
  readonly kind: PushRuleKind
  readonly rule_id: string
  readonly enabled?: boolean
  readonly actions?: readonly JsonValue[]
}

/** The rules of a user who has changed nothing. */
export const UNCHANGED_PUSH_RULES: StoredPushRules = {
  own: { override: [], content: [], room: [], sender: [], underride: [] },
  changedDefaults: [],
}

/**
 * A user's complete ruleset: own rules before default ones, but `.m.rule.master` before all (client-server API,
 * "Predefined Rules").
 */
export function pushRulesetOf(userId: string, stored: StoredPushRules): PushRuleset {
  const defaults = defaultPushRules(userId)
  const changes = new Map(
    stored.changedDefaults.map((change) => [`${change.kind}/${change.rule_id}`, change]),
  )
  const merged: Record<PushRuleKind, readonly PushRule[]> = { ...defaults }
  for (const kind of PUSH_RULE_KINDS) {
    const changed = defaults[kind].map((rule) => {
      const change = changes.get(`${kind}/${rule.rule_id}`)
      if (change === undefined) return rule
      return { ...rule, enabled: change.enabled ?? rule.enabled, actions: change.actions ?? rule.actions }
    })
    const master = changed.filter((rule) => rule.rule_id === MASTER_RULE)
    const others = changed.filter((rule) => rule.rule_id !== MASTER_RULE)
    merged[kind] = [...master, ...(kind === 'postcontent' ? [] : stored.own[kind]), ...others]
  }
  return merged
}

/** A ruleset as clients are shown it: where threads are not followed, without the rules about that. */
export function shownPushRules(ruleset: PushRuleset, followsThreads: boolean): Partial<PushRuleset> {
  if (followsThreads) return ruleset
  const { postcontent: _, ...shown } = ruleset
  return shown
}

/** A rule of a ruleset; undefined where there is none. */
export function findPushRule(ruleset: PushRuleset, kind: PushRuleKind, ruleId: string): PushRule | undefined {
  return ruleset[kind].find((rule) => rule.rule_id === ruleId)
}
