import { EVENT_WRITE } from '../../storage/events/event-write.ts'
import type { StreamPosition } from '../../storage/position/position.ts'
import type { OpenRoom } from './open-room.ts'
import type { PlannedWrite } from './plan-write.ts'
import type { RoomHead } from './room-head.ts'
import type { RoomServices } from './room-services.ts'

/**
 * Moves the room on to what a planned write makes of it, so that the next one can be planned. The caller then
 * submits it, whatever becomes of that next one.
 */
export function takePlanned(room: OpenRoom, planned: PlannedWrite): void {
  room.addPending(planned.stored)
  room.advance(planned.head, planned.changed)
  room.follow(planned.followed)
  const { pendingRedaction, redactions, row } = planned.write
  room.markRedacted(redactions)
  if (pendingRedaction !== undefined) room.addPendingRedaction(pendingRedaction, row.eventNid)
}

/** Brings the room back to `head`, from before it took writes that will not be submitted. */
export function giveBack(room: OpenRoom, head: RoomHead, planned: readonly PlannedWrite[]): void {
  for (const { staged, stored } of planned) {
    staged.discarded()
    room.forgetPending(stored)
  }
  room.advance(head, undefined)
}

/**
 * Hands a write that the room has taken to the committer. Resolves after the commit; until then only later writes
 * to the same room see the event. What is submitted in one turn of the event loop is committed together.
 */
export async function submitPlanned(
  services: RoomServices,
  room: OpenRoom,
  planned: PlannedWrite,
): Promise<StreamPosition> {
  try {
    const position = await services.committer.submit(EVENT_WRITE, planned.write)
    planned.staged.committed()
    room.forgetPending(planned.stored)
    return position
  } catch (error) {
    planned.staged.discarded()
    throw error
  }
}
