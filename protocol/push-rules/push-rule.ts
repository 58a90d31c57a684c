import type { JsonObject, JsonValue } from '../json/value.ts'

/**
 * The kinds of push rule, in the order in which they are tried (client-server API, "Push Rules"); `postcontent` has
 * rules of the server alone (MSC4306).
 */
export const PUSH_RULE_KINDS = ['override', 'content', 'postcontent', 'room', 'sender', 'underride'] as const

/** The kinds that users make rules of. */
export const OWN_PUSH_RULE_KINDS = ['override', 'content', 'room', 'sender', 'underride'] as const

export type OwnPushRuleKind = (typeof OWN_PUSH_RULE_KINDS)[number]

export type PushRuleKind = (typeof PUSH_RULE_KINDS)[number]

/** A push rule as clients see it. */
export interface PushRule {
  readonly rule_id: string
  /** Whether the server brings it. */
  readonly default: boolean
  readonly enabled: boolean
  readonly actions: readonly JsonValue[]
  /** Of override, postcontent and underride rules. */
  readonly conditions?: readonly JsonObject[]
  /** Of content rules. */
  readonly pattern?: string
}

/** The rules of a user, each kind in order of priority. This is the `global` ruleset of the API. */
export type PushRuleset = Readonly<Record<PushRuleKind, readonly PushRule[]>>

/** Whether a text from a request names a kind of push rule. */
export function isPushRuleKind(text: string): text is PushRuleKind {
  return PUSH_RULE_KINDS.some((kind) => kind === text)
}
