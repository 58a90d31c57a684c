import type { RoomEvent } from '../../../protocol/events/room-event.ts'
import { stateTuple } from '../../../protocol/state/state-map.ts'
import type { OpenRoom } from '../open-room.ts'

/** A few events of a room's newest state, by type and state key (the empty one when left out). */
export type StateView = (type: string, stateKey?: string) => RoomEvent | undefined

/** Reads these places of a room's newest state, those with a write under way included. */
export async function newestState(
  room: OpenRoom,
  places: readonly (readonly [type: string, stateKey?: string])[],
): Promise<StateView> {
  const found = await room.stateEvents(
    room.head.root,
    places.map(([type, stateKey = '']) => ({ type, stateKey })),
  )
  return (type, stateKey = '') => found.get(stateTuple(type, stateKey))?.event
}
