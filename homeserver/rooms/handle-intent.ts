import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { adoptRoom } from './adopt-room.ts'
import { createRoomEvents } from './create-room-events.ts'
import { learnState } from './learn-state.ts'
import type { OpenRoom } from './open-room.ts'
import { nameState } from './partial-state/name-state.ts'
import { receiveEvents } from './receive-events.ts'
import type { RoomIntent } from './room-intent.ts'
import type { RoomServices } from './room-services.ts'
import { sendEvents } from './send-events.ts'
import { storeHistory } from './store-history.ts'
import type { WriteResult } from './write-result.ts'

/** A handled intent: the room it left behind, and the commits that are under way. */
export interface HandledIntent {
  readonly room: OpenRoom
  readonly committed: Promise<WriteResult>
}

/** Prepares one intent on the room's newest head and hands its writes to the committer. */
export function handleIntent(
  services: RoomServices,
  roomId: string,
  room: OpenRoom | undefined,
  intent: RoomIntent,
): Promise<HandledIntent> {
  switch (intent.kind) {
    case 'create':
      return createRoomEvents(services, roomId, room, intent)
    case 'adopt':
      return adoptRoom(services, roomId, room, intent)
    case 'send':
      return sendEvents(services, known(room), intent)
    case 'receive':
      return receiveEvents(services, known(room), intent)
    case 'learn-state':
      return learnState(services, known(room), intent)
    case 'name-state':
      return nameState(services, known(room), intent)
    case 'history':
      return storeHistory(services, known(room), intent)
  }
}

function known(room: OpenRoom | undefined): OpenRoom {
  if (!room) throw new MatrixError(404, 'M_NOT_FOUND', 'This server does not know the room.')
  return room
}
