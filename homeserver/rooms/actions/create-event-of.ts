import type { RoomEvent } from '../../../protocol/events/room-event.ts'
import { impliedCreate } from '../check-against.ts'
import type { OpenRoom } from '../open-room.ts'
import { newestState } from './state-at.ts'

/** A room's create event. */
export async function createEventOf(room: OpenRoom): Promise<RoomEvent | undefined> {
  return (await impliedCreate(room)) ?? (await newestState(room, [['m.room.create']]))('m.room.create')
}
