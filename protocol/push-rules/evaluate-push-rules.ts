import { type CompiledCondition, compileCondition, eventMatch } from './compile-condition.ts'
import type { PushContext } from './push-context.ts'
import type { PushEvent } from './push-event.ts'
import { outcomeOf, type PushOutcome } from './push-outcome.ts'
import { PUSH_RULE_KINDS, type PushRule, type PushRuleKind, type PushRuleset } from './push-rule.ts'

interface CompiledRule {
  readonly conditions: readonly CompiledCondition[]
  readonly outcome: PushOutcome
}

/** Rules made ready for {@link evaluatePushRules}; worth keeping as long as the rules do not change. */
export interface CompiledPushRules {
  readonly rules: readonly CompiledRule[]
}

/** Compiles the enabled rules of a ruleset. Malformed ones match nothing. */
export function compilePushRules(ruleset: PushRuleset): CompiledPushRules {
  const rules: CompiledRule[] = []
  for (const kind of PUSH_RULE_KINDS) {
    for (const rule of ruleset[kind]) {
      if (!rule.enabled) continue
      rules.push({
        conditions: conditionsOf(kind, rule),
        outcome: outcomeOf(kind, rule.rule_id, rule.actions),
      })
    }
  }
  return { rules }
}

/**
 * Finds the rule that decides about an event for the owner of the rules (client-server API, "Push Rules"). The
 * caller leaves out the event's own sender, who is never notified.
 *
 * @returns undefined where no rule matches, which means: do not notify.
 */
export function evaluatePushRules(
  { rules }: CompiledPushRules,
  event: PushEvent,
  context: PushContext,
): PushOutcome | undefined {
  return rules.find(({ conditions }) => conditions.every((holds) => holds(event, context)))?.outcome
}

function conditionsOf(kind: PushRuleKind, rule: PushRule): readonly CompiledCondition[] {
  switch (kind) {
    case 'override':
    case 'postcontent':
    case 'underride':
      return (rule.conditions ?? []).map(compileCondition)
    case 'content':
      return [rule.pattern === undefined ? () => false : eventMatch('content.body', rule.pattern)]
    case 'room':
      return [(event) => event.roomId === rule.rule_id]
    case 'sender':
      return [(event) => event.sender === rule.rule_id]
  }
}
