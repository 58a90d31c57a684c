import { isJsonObject, type JsonObject, ownValue } from '../json/value.ts'
import type { RedactionRules, RoomVersionRules } from '../room-versions/rules.ts'
import { redactsOf } from './redacts.ts'
import type { RoomEvent } from './room-event.ts'

const TOP_LEVEL_KEYS = [
  'event_id', 'type', 'room_id', 'sender', 'state_key', 'hashes', 'signatures', 'depth', 'prev_events',
  'auth_events', 'origin_server_ts',
] // prettier-ignore
const LEGACY_TOP_LEVEL_KEYS = [...TOP_LEVEL_KEYS, 'origin', 'membership', 'prev_state']

const POWER_LEVEL_KEYS = [
  'ban', 'events', 'events_default', 'kick', 'redact', 'state_default', 'users', 'users_default',
] // prettier-ignore

/**
 * The redacted form of a PDU: what the auth rules and the shape of the room need, and nothing else. The PDU
 * itself is not changed; kept values are shared with it. `unsigned` is dropped.
 *
 * Source: section "Redactions" of `rooms/v1.md`, `v6.md`, `v8.md`, `v9.md` and `v11.md`.
 */
export function redactPdu(pdu: JsonObject, version: RoomVersionRules): JsonObject {
  const { redaction } = version
  const redacted = pick(pdu, redaction.keepsLegacyTopLevelKeys ? LEGACY_TOP_LEVEL_KEYS : TOP_LEVEL_KEYS)
  const content = ownValue(pdu, 'content')
  redacted['content'] = isJsonObject(content) ? redactContent(ownValue(pdu, 'type'), content, redaction) : {}
  return redacted
}

/** An event in its redacted form, at the same stage of its life. */
export function redactEvent<Event extends RoomEvent>(event: Event): Event {
  const pdu = redactPdu(event.pdu, event.version)
  const content = pdu['content'] as JsonObject
  return { ...event, pdu, content, redacts: redactsOf(pdu, event.type, content, event.version) }
}

function redactContent(type: unknown, content: JsonObject, rules: RedactionRules): JsonObject {
  switch (type) {
    case 'm.room.member':
      return redactMembership(content, rules)
    case 'm.room.create':
      return rules.keepsCreateContent ? content : pick(content, ['creator'])
    case 'm.room.join_rules':
      return pick(content, rules.keepsJoinRulesAllow ? ['join_rule', 'allow'] : ['join_rule'])
    case 'm.room.power_levels':
      return pick(content, rules.keepsInvitePowerLevel ? [...POWER_LEVEL_KEYS, 'invite'] : POWER_LEVEL_KEYS)
    case 'm.room.aliases':
      return rules.keepsAliases ? pick(content, ['aliases']) : {}
    case 'm.room.history_visibility':
      return pick(content, ['history_visibility'])
    case 'm.room.redaction':
      return rules.keepsRedactsInContent ? pick(content, ['redacts']) : {}
    default:
      return {}
  }
}

function redactMembership(content: JsonObject, rules: RedactionRules): JsonObject {
  const redacted = pick(content, ['membership'])
  if (rules.keepsJoinAuthorisedVia) pick(content, ['join_authorised_via_users_server'], redacted)
  const invite = ownValue(content, 'third_party_invite')
  // An invite without `signed` leaves an empty object: the event id covers it, and deployed servers agree on it.
  if (rules.keepsThirdPartyInviteSigned && isJsonObject(invite)) {
    redacted['third_party_invite'] = pick(invite, ['signed'])
  }
  return redacted
}

function pick(from: JsonObject, keys: readonly string[], into: JsonObject = {}): JsonObject {
  for (const key of keys) {
    const value = ownValue(from, key)
    if (value !== undefined) into[key] = value
  }
  return into
}
