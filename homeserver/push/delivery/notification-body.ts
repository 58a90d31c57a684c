import type { JsonObject, JsonValue } from '../../../protocol/json/value.ts'
import type { Pusher } from '../../../storage/pushers/pusher.ts'
import type { EventNames, Notice } from './notice.ts'

/** What a gateway is told beside the event. */
export interface NotificationFacts {
  /** Unread rooms or messages. */
  readonly badge: number
  readonly names: EventNames
  /** Whether it may know what the event says. */
  readonly includesContent: boolean
}

const MS_PER_S = 1000

/** Whether the pusher wants the event's id alone, for its app to fetch the event by. */
export function wantsIdOnly({ about }: Pusher): boolean {
  return about.data['format'] === 'event_id_only'
}

/** The body of `POST /_matrix/push/v1/notify` about an event (push gateway API). */
export function notificationBody(pusher: Pusher, notice: Notice, facts: NotificationFacts): JsonObject {
  const { event, outcome } = notice
  const idOnly = wantsIdOnly(pusher)
  const tweaks: JsonObject = Object.fromEntries(outcome.tweaks)
  const about: JsonObject = {
    ...(event.eventId !== undefined && { event_id: event.eventId }),
    room_id: event.roomId,
    prio: isUrgent(notice) ? 'high' : 'low',
    ...(facts.badge > 0 && { counts: { unread: facts.badge } }),
    devices: [deviceOf(pusher, idOnly ? undefined : tweaks)],
  }
  if (idOnly) return { notification: about }
  const { sender, room, roomAlias } = facts.names
  return {
    notification: {
      ...about,
      type: event.type,
      sender: event.sender,
      ...(sender !== undefined && { sender_display_name: sender }),
      ...(room !== undefined && { room_name: room }),
      ...(roomAlias !== undefined && { room_alias: roomAlias }),
      ...(event.type === 'm.room.member' && { user_is_target: event.stateKey === pusher.userId }),
      ...(facts.includesContent && { content: event.content }),
    },
  }
}

/**
 * The body that tells the number of unread messages alone. Zero is written out here: gateways take a number that is
 * missing for one that has not changed, and the badge would stay.
 */
export function badgeBody(pusher: Pusher, badge: number): JsonObject {
  return { notification: { prio: 'low', counts: { unread: badge }, devices: [deviceOf(pusher, undefined)] } }
}

/** What makes a sound, stands out, or may well do so once the device has decrypted it. */
function isUrgent({ event, outcome }: Notice): boolean {
  return outcome.highlight || outcome.sound !== undefined || event.type === 'm.room.encrypted'
}

function deviceOf({ appId, pushkey, setTs, about }: Pusher, tweaks: JsonObject | undefined): JsonObject {
  const { url: _, ...data }: { url?: JsonValue } & JsonObject = about.data
  return {
    app_id: appId,
    pushkey,
    pushkey_ts: Math.floor(setTs / MS_PER_S),
    data,
    ...(tweaks && { tweaks }),
  }
}
