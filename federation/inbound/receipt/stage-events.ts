import type { JobKind } from '../../../homeserver/jobs/job-kind.ts'
import type { OpenRoom } from '../../../homeserver/rooms/open-room.ts'
import type { SignedPdu } from '../../../protocol/events/room-event.ts'
import { retryPullsFrom } from '../../../storage/federation/failed-pulls.ts'
import { countStagedPdus, stagePdus } from '../../../storage/federation/staged-pdus.ts'
import type { InboundContext } from '../inbound-context.ts'

/** The job that fetches the causes of a room's staged events; its key and payload are the room id. */
export const RECEIVE_STAGED: JobKind<string>['kind'] = 'federation.receive-staged'

/** A longer queue comes from an attack or an outage, after which the gap is fetched as a whole. */
const MAX_STAGED_PER_ROOM = 2_000

/**
 * Keeps events durably until their causes have been fetched, which takes requests to other servers and may take
 * longer than the sender waits for its answer.
 *
 * @returns false when too many of the room's events wait already; nothing is kept then.
 */
export async function stageEvents(
  { rooms, jobs }: Pick<InboundContext, 'rooms' | 'jobs'>,
  { head }: OpenRoom,
  origin: string,
  events: readonly SignedPdu[],
): Promise<boolean> {
  if (events.length === 0) return true
  const waiting = await countStagedPdus(rooms.queries, head.roomNid)
  if (waiting + events.length > MAX_STAGED_PER_ROOM) return false
  await stagePdus(
    rooms.queries,
    events.map(({ eventId, pdu }) => ({
      roomNid: head.roomNid,
      eventId,
      origin,
      pdu: Buffer.from(JSON.stringify(pdu)),
      receivedTs: rooms.now(),
    })),
  )
  await jobs.schedule({ kind: RECEIVE_STAGED, key: head.roomId, payload: head.roomId, runAt: rooms.now() })
  return true
}

/** What waits for the causes of events that a server sent is tried again, now that the server is back. */
export async function retryStagedFrom(
  { rooms, jobs, log }: Pick<InboundContext, 'rooms' | 'jobs' | 'log'>,
  serverName: string,
): Promise<void> {
  try {
    for (const roomId of await retryPullsFrom(rooms.queries, serverName, rooms.now()))
      await jobs.schedule({ kind: RECEIVE_STAGED, key: roomId, payload: roomId, runAt: rooms.now() })
  } catch (error) {
    log.warn({ serverName, err: error }, 'events of a server that is back wait for their next turn')
  }
}
