import { bystanderPushRules } from '../../protocol/push-rules/default-rules.ts'
import { compilePushRules, evaluatePushRules } from '../../protocol/push-rules/evaluate-push-rules.ts'
import type { PushContext } from '../../protocol/push-rules/push-context.ts'
import type { PushEvent } from '../../protocol/push-rules/push-event.ts'
import type { PushOutcome } from '../../protocol/push-rules/push-outcome.ts'

const BYSTANDER_RULES = compilePushRules(bystanderPushRules())

/** What the default rules say of an event for all whom it does not name. */
export function bystanderOutcome(event: PushEvent, context: PushContext): PushOutcome | undefined {
  return evaluatePushRules(BYSTANDER_RULES, event, context)
}

/**
 * What an event is to members with default rules whom it does not name. All of them are told the same: the rules for
 * rooms of two differ in the sound alone.
 */
export function defaultOutcome(
  event: PushEvent,
  context: PushContext,
): { readonly counted: boolean; readonly toRoom: boolean } {
  const outcome = bystanderOutcome(event, context)
  const counted = outcome?.notify ?? false
  return { counted, toRoom: counted && outcome!.highlight }
}
