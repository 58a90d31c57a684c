import type { Json } from '../../support/test-client.ts'

const on = { enabled: true }

/** State that the list of rooms and the open room ask for. */
const REQUIRED_STATE = [
  ['m.room.name', ''],
  ['m.room.encryption', ''],
  ['m.room.member', '$LAZY'],
  ['m.room.member', '$ME'],
  ['m.room.topic', ''],
  ['m.room.avatar', ''],
  ['m.room.canonical_alias', ''],
  ['m.room.power_levels', ''],
  ['org.matrix.msc3401.call.member', '*'],
  ['m.room.join_rules', ''],
  ['m.room.tombstone', ''],
  ['m.room.create', ''],
  ['m.room.history_visibility', ''],
  ['io.element.functional_members', ''],
  ['m.space.parent', '*'],
  ['m.space.child', '*'],
  ['org.matrix.msc3672.beacon_info', '*'],
]

/** The list of rooms: its first page, then as far as it has grown, with the rooms that are open on the screen. */
export function roomList(last: number, open: readonly string[] = []): Json {
  const subscription = {
    required_state: [...REQUIRED_STATE, ['m.room.pinned_events', '']],
    timeline_limit: 20,
  }
  return {
    conn_id: 'room-list',
    lists: {
      all_rooms: {
        ranges: [[0, last]],
        required_state: REQUIRED_STATE,
        timeline_limit: 1,
        filters: { not_room_types: [] },
      },
    },
    ...(open.length > 0 && { room_subscriptions: Object.fromEntries(open.map((id) => [id, subscription])) }),
    extensions: { account_data: on, receipts: { ...on, rooms: ['*'] }, typing: on },
  }
}

/** Keys and messages to the device, on a connection of their own. */
export function encryption(since?: string): Json {
  return {
    conn_id: 'encryption',
    extensions: { to_device: { ...on, ...(since !== undefined && { since }) }, e2ee: on },
  }
}

/** What the process that shows a notification asks for one event. */
export function notification(roomId: string): Json {
  const required = [
    ['m.room.encryption', ''],
    ['m.room.member', '$LAZY'],
    ['m.room.member', '$ME'],
    ['m.room.canonical_alias', ''],
    ['m.room.name', ''],
    ['m.room.power_levels', ''],
  ]
  return {
    conn_id: 'notifications',
    lists: {
      invites: {
        ranges: [[0, 16]],
        required_state: required,
        timeline_limit: 0,
        filters: { is_invite: true, not_room_types: ['m.space'] },
      },
    },
    room_subscriptions: { [roomId]: { required_state: required, timeline_limit: 16 } },
  }
}
