import { commitPlanned } from './commit-planned.ts'
import type { HandledIntent } from './handle-intent.ts'
import { judgeReceived } from './judge-received.ts'
import { judged } from './judged-event.ts'
import type { OpenRoom } from './open-room.ts'
import { planWrite } from './plan-write.ts'
import type { ReceiveIntent } from './room-intent.ts'
import type { RoomServices } from './room-services.ts'

/**
 * Judges and stores an event of another server. One that is here already is left as it is: the answer tells its
 * verdict.
 */
export async function receiveEvent(
  services: RoomServices,
  room: OpenRoom,
  intent: ReceiveIntent,
): Promise<HandledIntent> {
  const { eventId } = intent.event
  const here = (await room.events([eventId])).get(eventId)
  if (here && !here.outlier) {
    const event = judged(here.event, here.verdict)
    return { room, committed: Promise.resolve({ eventIds: [eventId], events: [event] }) }
  }
  const { event, stateBefore } = await judgeReceived(services, room, intent.event, intent.stateBefore)
  const planned = await planWrite(services, room, event, stateBefore, {
    eventNid: here?.eventNid,
    missing: intent.missing ?? [],
  })
  const committed = commitPlanned(services, room, planned)
  return { room, committed: committed.then(() => ({ eventIds: [eventId], events: [event] })) }
}
