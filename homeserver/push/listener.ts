import { toClientEvent } from '../../protocol/events/client-format.ts'
import type { RoomEvent } from '../../protocol/events/room-event.ts'
import { ownValue, type JsonObject } from '../../protocol/json/value.ts'
import {
  compilePushRules,
  evaluatePushRules,
  type CompiledPushRules,
} from '../../protocol/push-rules/evaluate-push-rules.ts'
import type { PushContext } from '../../protocol/push-rules/push-context.ts'
import { pushEvent, type PushEvent } from '../../protocol/push-rules/push-event.ts'
import type { PushOutcome } from '../../protocol/push-rules/push-outcome.ts'
import { PUSH_RULE_KINDS, type PushRuleset } from '../../protocol/push-rules/push-rule.ts'
import {
  pushRulesetOf,
  UNCHANGED_PUSH_RULES,
  type StoredPushRules,
} from '../../protocol/push-rules/stored-push-rules.ts'
import type { UserNid } from '../../storage/numeric-ids.ts'
import { contentWithMentions } from './mentions.ts'
import type { Hearing } from '../../storage/push/event-reach.ts'

/** A user whose push rules are evaluated: ready-made rules and what evaluating them needs. */
export interface Listener {
  readonly userNid: UserNid
  readonly userId: string
  readonly rules: CompiledPushRules
  readonly ignored: ReadonlySet<string>
  /** Whether a rule looks for the user's display name, which then has to be found. */
  readonly asksForName: boolean
  /** What of rooms reaches the user, as far as it was asked for: rules and rooms stay the same. */
  readonly hearings: Map<string, Hearing>
}

/** Rooms of a user whose hearing is kept; those with traffic come back by themselves. */
const MAX_HEARINGS = 500

const NOBODY: ReadonlySet<string> = new Set()

/** More members than any rule about small rooms means. */
const MANY_MEMBERS = 1_000_000

/** A room whose power levels say nothing, and a sender who may do all. */
const PLAIN_CONTEXT: PushContext = {
  displayName: undefined,
  memberCount: MANY_MEMBERS,
  senderPower: 100,
  powerLevels: undefined,
}

/** Makes a user's rules ready. Without more than an id: a user whose rules are the default ones. */
export function listenerOf(
  userNid: UserNid,
  userId: string,
  stored: StoredPushRules = UNCHANGED_PUSH_RULES,
  ignored: ReadonlySet<string> = NOBODY,
): Listener {
  const ruleset = pushRulesetOf(userId, stored)
  return {
    userNid,
    userId,
    rules: compilePushRules(ruleset),
    ignored,
    asksForName: asksForName(ruleset),
    hearings: new Map(),
  }
}

/** What an event is to a listener; undefined for nothing. Messages of ignored users are nothing. */
export function hear(listener: Listener, event: PushEvent, context: PushContext): PushOutcome | undefined {
  if (listener.ignored.has(event.sender)) return undefined
  const outcome = evaluatePushRules(listener.rules, event, context)
  return outcome?.notify ? outcome : undefined
}

/** What of a room reaches a listener where nothing more is known of a message than that it is one. */
export function hearingOf({ rules, hearings }: Listener, roomId: string): Hearing {
  const known = hearings.get(roomId)
  if (known) return known
  if (hearings.size >= MAX_HEARINGS) hearings.clear()
  const hearing = evaluateHearing(rules, roomId)
  hearings.set(roomId, hearing)
  return hearing
}

function evaluateHearing(rules: CompiledPushRules, roomId: string): Hearing {
  const outcomeOf = (type: string, content: JsonObject): PushOutcome | undefined =>
    evaluatePushRules(rules, pushEvent({ type, content, room_id: roomId, sender: '' }), PLAIN_CONTEXT)
  const plain = ['m.room.message', 'm.room.encrypted'].some((type) => outcomeOf(type, {})?.notify)
  const mention = outcomeOf('m.room.message', { 'm.mentions': { room: true } })
  return { messages: plain, roomMentions: mention !== undefined && mention.notify && mention.highlight }
}

/** An event as push rules read it: those whom it names in writing alone are mentioned. */
export function eventToPush(event: RoomEvent): PushEvent {
  const client = toClientEvent(event, 'full')
  const content = contentWithMentions(event)
  if (content !== event.content) client['content'] = content
  return pushEvent({ ...client, room_id: event.roomId, sender: event.sender })
}

function asksForName(ruleset: PushRuleset): boolean {
  return PUSH_RULE_KINDS.some((kind) =>
    ruleset[kind].some(
      ({ enabled, conditions }) =>
        enabled && conditions?.some((condition) => ownValue(condition, 'kind') === 'contains_display_name'),
    ),
  )
}
