import { isJsonObject, type JsonValue, ownValue } from '../json/value.ts'
import type { PushRuleKind } from './push-rule.ts'

/** What the first matching rule says about an event. */
export interface PushOutcome {
  readonly kind: PushRuleKind
  readonly ruleId: string
  readonly notify: boolean
  readonly highlight: boolean
  /** The sound to play, `default` for example. */
  readonly sound: string | undefined
  /** All tweaks, for the push gateway; the keys are the client's. */
  readonly tweaks: ReadonlyMap<string, JsonValue>
  readonly actions: readonly JsonValue[]
}

/** Reads the actions of a rule. Unknown and historical ones (`dont_notify`, `coalesce`) are ignored. */
export function outcomeOf(kind: PushRuleKind, ruleId: string, actions: readonly JsonValue[]): PushOutcome {
  const tweaks = new Map<string, JsonValue>()
  for (const action of actions) {
    if (!isJsonObject(action)) continue
    const tweak = ownValue(action, 'set_tweak')
    if (typeof tweak !== 'string') continue
    const value = ownValue(action, 'value') ?? (tweak === 'highlight' ? true : undefined)
    if (value !== undefined) tweaks.set(tweak, value)
  }
  const sound = tweaks.get('sound')
  return {
    kind,
    ruleId,
    notify: actions.includes('notify'),
    highlight: tweaks.get('highlight') === true,
    sound: typeof sound === 'string' ? sound : undefined,
    tweaks,
    actions,
  }
}
