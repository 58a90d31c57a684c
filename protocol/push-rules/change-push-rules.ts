import { MatrixError } from '../errors/matrix-error.ts'
import type { JsonObject, JsonValue } from '../json/value.ts'
import { isDefaultPushRule } from './default-rules.ts'
import { parsePushActions, parsePushRule } from './parse-push-rule.ts'
import { OWN_PUSH_RULE_KINDS, type OwnPushRuleKind, type PushRule, type PushRuleKind } from './push-rule.ts'
import type { ChangedDefault, StoredPushRules } from './stored-push-rules.ts'

/** Each event of each of the user's rooms is matched against all of them. Muting every room takes one a room. */
const MOST_OWN_RULES = 1_000

/** All own rules as JSON, in UTF-16 units: they are sent whole in every first sync and after every change. */
const LARGEST_OWN_RULES = 262_144

/** Where a rule goes among the user's own rules of its kind. Where both are given, `before` counts. */
export interface PushRulePosition {
  /** Directly above this rule. */
  readonly before?: string
  /** Directly below this rule. */
  readonly after?: string
}

/**
 * `PUT /pushrules/global/{kind}/{ruleId}`: adds a rule, on top of its kind unless a position is given, or
 * replaces one, which keeps its place and whether it is enabled.
 *
 * @throws MatrixError 400 for a malformed rule, an unknown neighbour or too many rules.
 */
export function putPushRule(
  stored: StoredPushRules,
  kind: PushRuleKind,
  ruleId: string,
  body: JsonObject,
  position: PushRulePosition = {},
): StoredPushRules {
  if (kind === 'postcontent')
    throw new MatrixError(400, 'M_INVALID_PARAM', 'Rules of this kind are the server’s.')
  const parsed = parsePushRule(kind, ruleId, body)
  const rules = stored.own[kind]
  const index = rules.findIndex((rule) => rule.rule_id === ruleId)
  const rule = { ...parsed, enabled: rules[index]?.enabled ?? true }
  const others = rules.filter((other) => other.rule_id !== ruleId)
  const place = placeAmong(others, position) ?? Math.max(index, 0)
  return bounded(withOwn(stored, kind, others.toSpliced(place, 0, rule)))
}

/**
 * `DELETE /pushrules/global/{kind}/{ruleId}`.
 *
 * @throws MatrixError 404 for a rule that the user has not made.
 */
export function deletePushRule(stored: StoredPushRules, kind: PushRuleKind, ruleId: string): StoredPushRules {
  if (kind === 'postcontent') throw notFound()
  const rules = stored.own[kind].filter((rule) => rule.rule_id !== ruleId)
  if (rules.length === stored.own[kind].length) throw notFound()
  return withOwn(stored, kind, rules)
}

/**
 * `PUT …/enabled`, for own and default rules.
 *
 * @throws MatrixError 400 where `enabled` is no boolean, 404 where there is no such rule.
 */
export function setPushRuleEnabled(
  stored: StoredPushRules,
  kind: PushRuleKind,
  ruleId: string,
  enabled: JsonValue | undefined,
): StoredPushRules {
  if (typeof enabled !== 'boolean')
    throw new MatrixError(400, 'M_BAD_JSON', '`enabled` has to be true or false.')
  return change(stored, kind, ruleId, { enabled })
}

/**
 * `PUT …/actions`, for own and default rules.
 *
 * @throws MatrixError 400 for malformed actions, 404 where there is no such rule.
 */
export function setPushRuleActions(
  stored: StoredPushRules,
  kind: PushRuleKind,
  ruleId: string,
  actions: JsonValue | undefined,
): StoredPushRules {
  return bounded(change(stored, kind, ruleId, { actions: parsePushActions(actions) }))
}

function change(
  stored: StoredPushRules,
  kind: PushRuleKind,
  ruleId: string,
  changes: Pick<ChangedDefault, 'enabled' | 'actions'>,
): StoredPushRules {
  if (isDefaultPushRule(kind, ruleId)) {
    const isThis = (entry: ChangedDefault): boolean => entry.kind === kind && entry.rule_id === ruleId
    const before = stored.changedDefaults.find(isThis)
    const others = stored.changedDefaults.filter((entry) => !isThis(entry))
    return { ...stored, changedDefaults: [...others, { ...before, kind, rule_id: ruleId, ...changes }] }
  }
  if (kind === 'postcontent') throw notFound()
  const rules = stored.own[kind]
  if (!rules.some((rule) => rule.rule_id === ruleId)) throw notFound()
  return withOwn(
    stored,
    kind,
    rules.map((rule) => (rule.rule_id === ruleId ? { ...rule, ...changes } : rule)),
  )
}

function placeAmong(rules: readonly PushRule[], { before, after }: PushRulePosition): number | undefined {
  const neighbour = before ?? after
  if (neighbour === undefined) return undefined
  const index = rules.findIndex((rule) => rule.rule_id === neighbour)
  if (index < 0)
    throw new MatrixError(400, 'M_UNKNOWN', 'The rule to put this one before or after was not found.')
  return before === undefined ? index + 1 : index
}

function withOwn(
  stored: StoredPushRules,
  kind: OwnPushRuleKind,
  rules: readonly PushRule[],
): StoredPushRules {
  return { ...stored, own: { ...stored.own, [kind]: rules } }
}

function bounded(stored: StoredPushRules): StoredPushRules {
  const count = OWN_PUSH_RULE_KINDS.reduce((sum, kind) => sum + stored.own[kind].length, 0)
  if (count > MOST_OWN_RULES || JSON.stringify(stored).length > LARGEST_OWN_RULES) {
    throw new MatrixError(
      400,
      'M_TOO_LARGE',
      'There are too many push rules. Delete some that are not needed.',
    )
  }
  return stored
}

function notFound(): MatrixError {
  return new MatrixError(404, 'M_NOT_FOUND', 'The push rule was not found.')
}
