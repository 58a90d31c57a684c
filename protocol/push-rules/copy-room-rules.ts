import { type JsonObject, ownValue } from '../json/value.ts'
import { OWN_PUSH_RULE_KINDS, type OwnPushRuleKind, type PushRule } from './push-rule.ts'
import type { StoredPushRules } from './stored-push-rules.ts'

/**
 * Gives a room that replaces another the rules that the user has made for the old one: its room rule, and the
 * override and underride rules whose conditions name it. Other clients mute rooms by such rules.
 *
 * @returns the rules with the copies right above their originals, or the same object where there is nothing to copy.
 */
export function copyRoomRules(
  stored: StoredPushRules,
  oldRoomId: string,
  newRoomId: string,
): StoredPushRules {
  const own: Record<OwnPushRuleKind, readonly PushRule[]> = { ...stored.own }
  let copied = false
  for (const kind of OWN_PUSH_RULE_KINDS) {
    const rules = stored.own[kind]
    const ids = new Set(rules.map(({ rule_id }) => rule_id))
    own[kind] = rules.flatMap((rule) => {
      const copy = copyOf(kind, rule, oldRoomId, newRoomId)
      if (!copy || ids.has(copy.rule_id)) return [rule]
      copied = true
      return [copy, rule]
    })
  }
  return copied ? { ...stored, own } : stored
}

function copyOf(
  kind: OwnPushRuleKind,
  rule: PushRule,
  oldRoomId: string,
  newRoomId: string,
): PushRule | undefined {
  if (kind === 'room') return rule.rule_id === oldRoomId ? { ...rule, rule_id: newRoomId } : undefined
  const namesRoom = rule.conditions?.some((condition) => isAboutRoom(condition, oldRoomId))
  if (!namesRoom || !rule.rule_id.includes(oldRoomId)) return undefined
  return {
    ...rule,
    rule_id: rule.rule_id.replaceAll(oldRoomId, newRoomId),
    conditions: rule.conditions!.map((condition) =>
      isAboutRoom(condition, oldRoomId) ? { ...condition, pattern: newRoomId } : condition,
    ),
  }
}

function isAboutRoom(condition: JsonObject, roomId: string): boolean {
  return (
    ownValue(condition, 'kind') === 'event_match' &&
    ownValue(condition, 'key') === 'room_id' &&
    ownValue(condition, 'pattern') === roomId
  )
}
