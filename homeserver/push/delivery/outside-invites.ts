import { eventIdOf } from '../../../protocol/events/event-id.ts'
import { parseJson } from '../../../protocol/json/parse.ts'
import { isJsonObject, ownValue, type JsonObject } from '../../../protocol/json/value.ts'
import { pushEvent } from '../../../protocol/push-rules/push-event.ts'
import { roomVersion } from '../../../protocol/room-versions/room-versions.ts'
import type { StreamPosition } from '../../../storage/position/position.ts'
import type { OutsideInvite } from '../../../storage/push/events-to-push.ts'
import type { SyncServices } from '../../sync/sync-services.ts'
import { hear } from '../listener.ts'
import { textIn } from './event-names.ts'
import type { EventNames, Notice } from './notice.ts'

/** What the rules of a user make of an invite to a room that this server is not in; undefined for nothing. */
export async function judgeOutsideInvite(
  { audience, interner, now }: Pick<SyncServices, 'audience' | 'interner' | 'now'>,
  { roomNid, userNid, position, eventPdu, strippedState }: OutsideInvite,
  userId: string,
  after: StreamPosition,
): Promise<Notice | undefined> {
  const pdu = eventPdu === undefined ? undefined : parseJson(eventPdu)
  const roomId = (await interner.roomIds([roomNid])).get(roomNid)
  if (!isJsonObject(pdu) || roomId === undefined) return undefined
  const sender = textIn(pdu, 'sender')
  const content = ownValue(pdu, 'content')
  if (sender === undefined || !isJsonObject(content)) return undefined
  const event = { type: 'm.room.member', state_key: userId, sender, content, room_id: roomId }
  const [listener] = await audience.of(new Map([[userNid, userId]]))
  const context = { displayName: undefined, memberCount: 0, senderPower: 0, powerLevels: undefined }
  const outcome = listener && hear(listener, pushEvent(event), context)
  if (!outcome) return undefined
  const names = namesIn(eventsIn(strippedState), sender)
  return {
    outcome,
    event: {
      position, after, roomNid, roomId, eventNid: undefined, eventId: eventIdIn(pdu, strippedState),
      type: event.type, sender, stateKey: userId, content, historyPos: undefined, thread: '', memberCount: 0,
      receivedTs: now(), names: async () => names,
    },
  } // prettier-ignore
}

function eventsIn(strippedState: string | undefined): readonly JsonObject[] {
  const listed = strippedState === undefined ? [] : parseJson(strippedState)
  return Array.isArray(listed) ? listed.filter(isJsonObject) : []
}

/** Which hash is the id of an event, the room's version says. */
function eventIdIn(pdu: JsonObject, strippedState: string | undefined): string | undefined {
  const version = roomVersion(statedIn(eventsIn(strippedState), 'm.room.create', '', 'room_version') ?? '1')
  try {
    return version && eventIdOf(pdu, version)
  } catch {
    return undefined
  }
}

function namesIn(events: readonly JsonObject[], sender: string): EventNames {
  return {
    sender: statedIn(events, 'm.room.member', sender, 'displayname'),
    room: statedIn(events, 'm.room.name', '', 'name'),
    roomAlias: statedIn(events, 'm.room.canonical_alias', '', 'alias'),
  }
}

function statedIn(
  events: readonly JsonObject[],
  type: string,
  stateKey: string,
  key: string,
): string | undefined {
  const event = events.find((one) => one['type'] === type && one['state_key'] === stateKey)
  const content = event && ownValue(event, 'content')
  return isJsonObject(content) ? textIn(content, key) : undefined
}
