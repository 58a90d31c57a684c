import { isJsonObject, ownValue, type JsonObject, type JsonValue } from '../json/value.ts'
import type { RoomVersionRules } from '../room-versions/rules.ts'
import { depthOf } from './pdu-fields.ts'
import { redactsOf } from './redacts.ts'
import type { RoomEvent } from './room-event.ts'

/**
 * The fields of a PDU whose format has been checked before, in the terms of its room version. Nothing is
 * verified here: this is for events that come out of our own store or have just been built or parsed.
 *
 * @param ids the event's own id and its room's; a PDU may carry neither (version 3 on, version 12 create).
 */
export function readEvent(
  pdu: JsonObject,
  version: RoomVersionRules,
  ids: { readonly eventId: string; readonly roomId: string },
): RoomEvent {
  const content = ownValue(pdu, 'content')
  const stateKey = ownValue(pdu, 'state_key')
  const contentObject = isJsonObject(content) ? content : {}
  const type = text(ownValue(pdu, 'type')) ?? ''
  return {
    eventId: ids.eventId,
    roomId: ids.roomId,
    type,
    sender: text(ownValue(pdu, 'sender')) ?? '',
    stateKey: text(stateKey),
    content: contentObject,
    originServerTs: integer(ownValue(pdu, 'origin_server_ts')),
    depth: depthOf(pdu, version) ?? 0,
    prevEvents: references(ownValue(pdu, 'prev_events'), version),
    authEvents: references(ownValue(pdu, 'auth_events'), version),
    redacts: redactsOf(pdu, type, contentObject, version),
    version,
    pdu,
  }
}

function references(value: JsonValue | undefined, version: RoomVersionRules): readonly string[] {
  if (!Array.isArray(value)) return []
  const ids =
    version.eventReferences === 'pairs'
      ? value.map((pair) => (Array.isArray(pair) ? pair[0] : undefined))
      : value
  return ids.filter((id) => typeof id === 'string')
}

function text(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function integer(value: JsonValue | undefined): number {
  return typeof value === 'number' ? value : 0
}
