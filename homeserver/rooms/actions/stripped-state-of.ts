import type { RoomEvent } from '../../../protocol/events/room-event.ts'
import type { OpenRoom } from '../open-room.ts'
import { createEventOf } from './create-event-of.ts'
import { newestState } from './state-at.ts'

/** What those may see of a room who are invited or knock (client-server API, "Stripped state"). */
const SHOWN_TYPES = [
  'm.room.join_rules',
  'm.room.canonical_alias',
  'm.room.name',
  'm.room.avatar',
  'm.room.topic',
  'm.room.encryption',
]

/** The events that an invite or a knock shows of a room, with the membership of `userId`, who invites. */
export async function strippedStateOf(room: OpenRoom, userId: string): Promise<RoomEvent[]> {
  const state = await newestState(room, [
    ...SHOWN_TYPES.map((type) => [type] as const),
    ['m.room.member', userId],
  ])
  const events = [
    await createEventOf(room),
    ...SHOWN_TYPES.map((type) => state(type)),
    state('m.room.member', userId),
  ]
  return events.filter((event) => event !== undefined)
}
