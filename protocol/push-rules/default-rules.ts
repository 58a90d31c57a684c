import type { JsonObject, JsonValue } from '../json/value.ts'
import type { PushRule, PushRuleKind, PushRuleset } from './push-rule.ts'

const SOUND: JsonObject = { set_tweak: 'sound', value: 'default' }
const RING: JsonObject = { set_tweak: 'sound', value: 'ring' }
const HIGHLIGHT: JsonObject = { set_tweak: 'highlight' }
const POLL = 'org.matrix.msc3381.poll'
const THREADS = '.io.element.msc4306'

/** The rule that turns everything off; it stands above the user's own rules. */
export const MASTER_RULE = '.m.rule.master'

/**
 * The rules that the server brings (client-server API, "Predefined Rules", 1.19), in order of priority.
 * MSC4210 took out those that looked for mentions in the body. The rules of polls are those of MSC3930, under the
 * names by which clients ask for them; those of threads (MSC4306) decide nothing where threads are not followed.
 *
 * @param userId of the owner.
 */
export function defaultPushRules(userId: string): PushRuleset {
  return {
    override: [
      { ...rule(MASTER_RULE, [], []), enabled: false },
      rule('.m.rule.suppress_notices', [matches('content.msgtype', 'm.notice')], []),
      rule(
        '.m.rule.invite_for_me',
        [
          matches('type', 'm.room.member'),
          matches('content.membership', 'invite'),
          matches('state_key', userId),
        ],
        ['notify', SOUND],
      ),
      rule('.m.rule.member_event', [matches('type', 'm.room.member')], []),
      rule(
        '.m.rule.is_user_mention',
        [{ kind: 'event_property_contains', key: 'content.m\\.mentions.user_ids', value: userId }],
        ['notify', SOUND, HIGHLIGHT],
      ),
      rule(
        '.m.rule.is_room_mention',
        [
          { kind: 'event_property_is', key: 'content.m\\.mentions.room', value: true },
          { kind: 'sender_notification_permission', key: 'room' },
        ],
        ['notify', HIGHLIGHT],
      ),
      rule(
        '.m.rule.tombstone',
        [matches('type', 'm.room.tombstone'), matches('state_key', '')],
        ['notify', HIGHLIGHT],
      ),
      rule('.m.rule.reaction', [matches('type', 'm.reaction')], []),
      rule('.m.rule.room.server_acl', [matches('type', 'm.room.server_acl'), matches('state_key', '')], []),
      rule(
        '.m.rule.suppress_edits',
        [{ kind: 'event_property_is', key: 'content.m\\.relates_to.rel_type', value: 'm.replace' }],
        [],
      ),
      rule('.org.matrix.msc3930.rule.poll_response', [matches('type', `${POLL}.response`)], []),
    ],
    content: [],
    postcontent: [
      rule(`${THREADS}.rule.unsubscribed_thread`, [inThread(false)], []),
      rule(`${THREADS}.rule.subscribed_thread`, [inThread(true)], ['notify', SOUND]),
    ],
    room: [],
    sender: [],
    underride: [
      rule('.m.rule.call', [matches('type', 'm.call.invite')], ['notify', RING]),
      rule(
        '.m.rule.encrypted_room_one_to_one',
        [twoMembers(), matches('type', 'm.room.encrypted')],
        ['notify', SOUND],
      ),
      rule('.m.rule.room_one_to_one', [twoMembers(), matches('type', 'm.room.message')], ['notify', SOUND]),
      rule('.m.rule.message', [matches('type', 'm.room.message')], ['notify']),
      rule('.m.rule.encrypted', [matches('type', 'm.room.encrypted')], ['notify']),
      ...['start', 'end'].flatMap((step) => [
        rule(
          `.org.matrix.msc3930.rule.poll_${step}_one_to_one`,
          [twoMembers(), matches('type', `${POLL}.${step}`)],
          ['notify', SOUND],
        ),
        rule(`.org.matrix.msc3930.rule.poll_${step}`, [matches('type', `${POLL}.${step}`)], ['notify']),
      ]),
    ],
  }
}

/**
 * The default rules for every user whom an event does not name: not its `state_key`, not among its mentions. So a
 * room's members with default rules are evaluated once, not each.
 */
export function bystanderPushRules(): PushRuleset {
  const rules = defaultPushRules('')
  return { ...rules, override: rules.override.filter(({ rule_id }) => !PERSONAL_RULES.has(rule_id)) }
}

/** Whether the server brings a rule of this kind and id. */
export function isDefaultPushRule(kind: PushRuleKind, ruleId: string): boolean {
  return DEFAULT_RULES[kind].some((known) => known.rule_id === ruleId)
}

/** The default rules whose conditions hold the owner's user id. */
const PERSONAL_RULES: ReadonlySet<string> = new Set(['.m.rule.invite_for_me', '.m.rule.is_user_mention'])

const DEFAULT_RULES = defaultPushRules('')

function rule(ruleId: string, conditions: readonly JsonObject[], actions: readonly JsonValue[]): PushRule {
  return { rule_id: ruleId, default: true, enabled: true, conditions, actions }
}

function matches(key: string, pattern: string): JsonObject {
  return { kind: 'event_match', key, pattern }
}

function inThread(subscribed: boolean): JsonObject {
  return { kind: 'io.element.msc4306.thread_subscription', subscribed }
}

function twoMembers(): JsonObject {
  return { kind: 'room_member_count', is: '2' }
}
