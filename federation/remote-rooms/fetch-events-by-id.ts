import type { SignedPdu } from '../../protocol/events/room-event.ts'
import { FederationRequestError } from '../client/transport/federation-request-error.ts'
import type { RemoteRoomDependencies } from './remote-room-dependencies.ts'
import { verifiedEvents, type RoomOfVersion } from './verified-events.ts'

/** Half of the connections to one destination, so that its transactions still get through. */
const PARALLEL_REQUESTS = 4

/**
 * Single events by id (`/event`). One that the server does not have, or that is another than was asked for, is
 * missing from the answer.
 *
 * @throws FederationRequestError when the server stops answering at all.
 */
export async function fetchEventsById(
  dependencies: RemoteRoomDependencies,
  room: RoomOfVersion,
  eventIds: readonly string[],
  from: string,
): Promise<SignedPdu[]> {
  const wanted = new Set(eventIds)
  const queue = [...wanted]
  const found: SignedPdu[] = []
  const worker = async (): Promise<void> => {
    for (let eventId = queue.pop(); eventId !== undefined; eventId = queue.pop()) {
      const pdu = await dependencies.client.getEvent(from, eventId).catch(undefinedIfRefused)
      if (pdu === undefined) continue
      const [event] = await verifiedEvents(dependencies, room, [pdu])
      if (event && wanted.has(event.eventId)) found.push(event)
    }
  }
  try {
    await Promise.all(Array.from({ length: Math.min(PARALLEL_REQUESTS, queue.length) }, worker))
  } finally {
    queue.length = 0
  }
  return found
}

function undefinedIfRefused(error: unknown): undefined {
  if (error instanceof FederationRequestError && (error.kind === 'refused' || error.kind === 'bad-answer'))
    return undefined
  throw error
}
