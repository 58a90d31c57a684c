import { EVENT_WRITE } from '../../storage/events/event-write.ts'
import type { StreamPosition } from '../../storage/position/position.ts'
import type { OpenRoom } from './open-room.ts'
import type { PlannedWrite } from './plan-write.ts'
import type { RoomServices } from './room-services.ts'

/**
 * Moves the room on to what a planned write makes of it and hands the write to the committer. Resolves after the
 * commit; until then only later writes to the same room see the event.
 */
export function commitPlanned(
  services: RoomServices,
  room: OpenRoom,
  planned: PlannedWrite,
): Promise<StreamPosition> {
  room.addPending(planned.stored)
  room.advance(planned.head, planned.changed)
  const committed = services.committer.submit(EVENT_WRITE, planned.write)
  return committed.then(
    (position) => {
      planned.staged.committed()
      room.forgetPending(planned.stored.eventNid)
      return position
    },
    (error: unknown) => {
      planned.staged.discarded()
      throw error
    },
  )
}
