import type { RoomEvent } from '../events/room-event.ts'
import { ownValue } from '../json/value.ts'

/**
 * The users who created a room: `content.creator` up to version 10, the sender of the create event in
 * version 11, the sender and `content.additional_creators` from version 12 on.
 *
 * @param create the room's `m.room.create` event.
 * @returns their user ids, which may repeat; empty where an old event names nobody.
 */
export function creatorsOf(create: RoomEvent): readonly string[] {
  switch (create.version.creators) {
    case 'content': {
      const creator = ownValue(create.content, 'creator')
      return typeof creator === 'string' ? [creator] : []
    }
    case 'sender':
      return [create.sender]
    case 'sender-and-additional': {
      const additional = ownValue(create.content, 'additional_creators')
      if (!Array.isArray(additional)) return [create.sender]
      return [create.sender, ...additional.filter((user) => typeof user === 'string')]
    }
  }
}

/**
 * The user whose join may directly follow the create event (rule "if the only previous event is an
 * `m.room.create`"): `content.creator` up to version 10, from then on the create event's sender alone.
 */
export function mayJoinFirst(create: RoomEvent, userId: string): boolean {
  return create.version.creators === 'content'
    ? creatorsOf(create).includes(userId)
    : create.sender === userId
}
