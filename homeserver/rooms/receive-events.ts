import type { JudgedEvent } from '../../protocol/events/room-event.ts'
import type { StoredEvent } from '../../storage/events/stored-event.ts'
import { submitPlanned, takePlanned } from './commit-planned.ts'
import type { HandledIntent } from './handle-intent.ts'
import { judgeReceived } from './judge-received.ts'
import { judged } from './judged-event.ts'
import type { OpenRoom } from './open-room.ts'
import { planWrite, type PlannedWrite } from './plan-write.ts'
import { transactionOf } from './request-transaction.ts'
import type { ReceivedEvent, ReceiveIntent, RequestIdentity } from './room-intent.ts'
import type { RoomServices } from './room-services.ts'

/**
 * Judges and stores events of another server, and has them committed together: a filled gap shows itself to those
 * who wait as one stretch of history. One that is here already is left as it is: the answer tells its verdict.
 *
 * @throws MissingCausesError when causes of one are neither here nor among those before it; those before it are
 *   stored all the same.
 */
export async function receiveEvents(
  services: RoomServices,
  room: OpenRoom,
  intent: ReceiveIntent,
): Promise<HandledIntent> {
  const events: JudgedEvent[] = []
  const writes: PlannedWrite[] = []
  let failed: Error | undefined
  const before = await room.events(intent.events.map(({ event }) => event.eventId))
  for (const [index, received] of intent.events.entries()) {
    try {
      const request = index === 0 ? intent.request : undefined
      const { eventId } = received.event
      const here = room.peek(eventId) ?? before.get(eventId)
      const { event, write } = await receiveOne(services, room, received, here, request)
      events.push(event)
      if (write) writes.push(write)
    } catch (error) {
      failed = error instanceof Error ? error : new Error(String(error))
      break
    }
  }
  const commits = writes.map((write) => submitPlanned(services, room, write))
  const eventIds = events.map(({ eventId }) => eventId)
  const committed = Promise.all(commits).then(() => {
    if (failed) throw failed
    return { eventIds, events }
  })
  return { room, committed }
}

async function receiveOne(
  services: RoomServices,
  room: OpenRoom,
  { event: received, told, missing = [] }: ReceivedEvent,
  here: StoredEvent | undefined,
  request: RequestIdentity | undefined,
): Promise<{ event: JudgedEvent; write?: PlannedWrite }> {
  if (here && !here.outlier) return { event: judged(here.event, here.verdict) }
  const { event, stateBefore } = await judgeReceived(services, room, received, told)
  // A refused event answers nothing: the client may try again.
  const answered = event.verdict === 'accepted' ? request : undefined
  const write = await planWrite(services, room, event, stateBefore, {
    outlier: here,
    missing,
    transaction: answered && transactionOf(services, answered),
    delayId: answered?.delayId,
    // What is missing now may be fetched later, and finds its place below.
    aboveGap: missing.length > 0,
    partialState: told && 'before' in told ? false : undefined,
  })
  takePlanned(room, write)
  return { event, write }
}
