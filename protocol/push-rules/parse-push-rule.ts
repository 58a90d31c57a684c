import { MatrixError } from '../errors/matrix-error.ts'
import { isJsonObject, type JsonObject, type JsonValue, ownValue } from '../json/value.ts'
import type { PushRule, PushRuleKind } from './push-rule.ts'

/** Room and user ids, which name room and sender rules, have at most 255 bytes; nothing needs a longer name. */
const LONGEST_RULE_ID = 255

/** Every event of every room is matched against it. A keyword or a phrase fits many times. */
const LONGEST_PATTERN = 1_024

/** The default rules have at most three; a rule is a conjunction that a person made. */
const MOST_CONDITIONS = 32

/** Besides `notify` each action is a tweak, of which two are defined. */
const MOST_ACTIONS = 16

/** A whole rule as JSON, in UTF-16 units: tweak values and unknown conditions are of any shape. */
const LARGEST_RULE = 8_192

/** All but the first are historical: clients still set them and look for them, and they do nothing. */
const PLAIN_ACTIONS: ReadonlySet<JsonValue> = new Set(['notify', 'dont_notify', 'coalesce'])

/**
 * Checks the body of `PUT /pushrules/global/{kind}/{ruleId}` and makes an enabled rule of it.
 *
 * @throws MatrixError 400 that says what is wrong.
 */
export function parsePushRule(kind: PushRuleKind, ruleId: string, body: JsonObject): PushRule {
  checkRuleId(kind, ruleId)
  const rule: PushRule = {
    rule_id: ruleId,
    default: false,
    enabled: true,
    actions: parsePushActions(ownValue(body, 'actions')),
    ...(kind === 'override' || kind === 'underride'
      ? { conditions: parseConditions(ownValue(body, 'conditions')) }
      : {}),
    ...(kind === 'content' ? { pattern: parsePattern(ownValue(body, 'pattern')) } : {}),
  }
  if (JSON.stringify(rule).length > LARGEST_RULE) throw tooLarge('This push rule is too large.')
  return rule
}

/**
 * Checks a list of actions.
 *
 * @returns them as they were given, historical ones too: a client compares what it reads with what it wrote.
 * @throws MatrixError 400 that says what is wrong.
 */
export function parsePushActions(actions: JsonValue | undefined): readonly JsonValue[] {
  if (actions === undefined)
    throw new MatrixError(400, 'M_MISSING_PARAM', 'A push rule needs a list of actions.')
  if (!Array.isArray(actions)) throw invalid('The actions of a push rule have to be a list.')
  if (actions.length > MOST_ACTIONS) throw tooLarge(`A push rule has at most ${MOST_ACTIONS} actions.`)
  for (const action of actions) {
    const isTweak = isJsonObject(action) && typeof ownValue(action, 'set_tweak') === 'string'
    if (!isTweak && !PLAIN_ACTIONS.has(action))
      throw invalid('One of the actions of this push rule is unknown.')
  }
  if (JSON.stringify(actions).length > LARGEST_RULE)
    throw tooLarge('The actions of this push rule are too large.')
  return actions
}

function checkRuleId(kind: PushRuleKind, ruleId: string): void {
  if (ruleId === '' || /[/\\\0]/.test(ruleId)) throw invalid('A rule id may not be empty or contain slashes.')
  if (ruleId.startsWith('.')) throw invalid('Rule ids that start with a dot belong to the server.')
  if (ruleId.length > LONGEST_RULE_ID) throw tooLarge(`A rule id has at most ${LONGEST_RULE_ID} characters.`)
  if (kind === 'room' && !ruleId.startsWith('!'))
    throw invalid('The id of a room rule is the id of its room.')
  if (kind === 'sender' && !ruleId.startsWith('@'))
    throw invalid('The id of a sender rule is the id of its user.')
}

function parseConditions(conditions: JsonValue | undefined): readonly JsonObject[] {
  if (conditions === undefined) return []
  if (!Array.isArray(conditions)) throw invalid('The conditions of a push rule have to be a list.')
  if (conditions.length > MOST_CONDITIONS)
    throw tooLarge(`A push rule has at most ${MOST_CONDITIONS} conditions.`)
  return conditions.map((condition) => {
    if (!isJsonObject(condition) || typeof ownValue(condition, 'kind') !== 'string') {
      throw invalid('Every condition of a push rule needs a kind.')
    }
    const pattern = ownValue(condition, 'pattern')
    if (pattern !== undefined) parsePattern(pattern)
    return condition
  })
}

function parsePattern(pattern: JsonValue | undefined): string {
  if (pattern === undefined) throw new MatrixError(400, 'M_MISSING_PARAM', 'A content rule needs a pattern.')
  if (typeof pattern !== 'string') throw invalid('The pattern of a push rule has to be a string.')
  if (pattern.length > LONGEST_PATTERN) throw tooLarge(`A pattern has at most ${LONGEST_PATTERN} characters.`)
  return pattern
}

function invalid(sentence: string): MatrixError {
  return new MatrixError(400, 'M_INVALID_PARAM', sentence)
}

function tooLarge(sentence: string): MatrixError {
  return new MatrixError(400, 'M_TOO_LARGE', sentence)
}
