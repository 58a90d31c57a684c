import type { JobKind } from '../../../homeserver/jobs/job-kind.ts'
import type { RetryPolicy } from '../../../homeserver/jobs/retry-policy.ts'
import type { OpenRoom } from '../../../homeserver/rooms/open-room.ts'
import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { serverOf } from '../../../protocol/identifiers/user-id.ts'
import { parseJson } from '../../../protocol/json/parse.ts'
import { removeStagedPdus, stagedPdus, type StagedPdu } from '../../../storage/federation/staged-pdus.ts'
import { serversInRoom } from '../../../storage/rooms/membership-reader.ts'
import { verifyPdus } from '../../keys/verify-pdus.ts'
import type { InboundContext } from '../inbound-context.ts'
import { joinedRoom } from '../resident-room.ts'
import { receiveWithCauses } from './receive-with-causes.ts'
import { RECEIVE_STAGED } from './stage-events.ts'

/** Staged events that are read at a time. */
const PAGE = 50
/** The sender, the author's server and some others of the room. */
const MAX_SERVERS_TO_ASK = 5
/** Rooms whose gaps are fetched at the same time. */
const CONCURRENCY = 4

/** Servers that are away come back within the day; what nobody can tell by then nobody will. */
const RETRY: RetryPolicy = { maxAttempts: 20, firstDelayMs: 2_000, maxDelayMs: 7_200_000 }

/** The job that receives the staged events of one room. */
export function receiveStagedJob(context: InboundContext): JobKind<string> {
  return {
    kind: RECEIVE_STAGED,
    read: String,
    concurrency: CONCURRENCY,
    retry: RETRY,
    handle: async (roomId, { signal, attempt }) => {
      const left = await receiveStaged(context, roomId, signal)
      if (left.length === 0) return
      if (attempt < RETRY.maxAttempts)
        throw new Error(`the causes of ${left.length} events cannot be had yet`)
      const roomNid = left[0]!.roomNid
      await removeStagedPdus(context.rooms.queries, roomNid, eventIds(left))
      context.log.warn({ roomId, count: left.length }, 'gave up events whose causes no server has')
    },
  }
}

/** Receives what is staged, in the order of its arrival. Returns what has to wait on. */
async function receiveStaged(
  context: InboundContext,
  roomId: string,
  signal: AbortSignal,
): Promise<readonly StagedPdu[]> {
  const { queries, interner } = context.rooms
  const room = await joinedRoom(context, roomId)
  const roomNid = room?.head.roomNid ?? (await interner.findRoomNid(roomId))
  if (roomNid === undefined) return []
  const failed: StagedPdu[] = []
  for (;;) {
    const page = await stagedPdus(queries, roomNid, failed.length + PAGE)
    const known = new Set(eventIds(failed))
    const next = page.filter(({ eventId }) => !known.has(eventId))
    if (next.length === 0) return failed
    for (const staged of next) {
      signal.throwIfAborted()
      // Nothing of a room that this server has left meanwhile is of use.
      const settled = !room || (await receiveOne(context, room, staged))
      if (settled) await removeStagedPdus(queries, roomNid, [staged.eventId])
      else failed.push(staged)
    }
  }
}

/** @returns false when it has to be tried again. */
async function receiveOne(context: InboundContext, room: OpenRoom, staged: StagedPdu): Promise<boolean> {
  const { eventId } = staged
  const [verified] = await verifyPdus(context.keyRing, [parseJson(staged.pdu)], room.head.version)
  if (!verified?.ok) return verified?.why !== 'missing-key'
  for (const server of await serversToAsk(context, room, staged.origin, verified.event.sender)) {
    try {
      const { verdict } = await receiveWithCauses(context, verified.event, server)
      context.log.debug({ eventId, verdict }, 'received an event after fetching its causes')
      return true
    } catch (error) {
      if (error instanceof MatrixError) return true
      context.log.debug({ eventId, server, err: error }, 'causes of an event could not be fetched')
    }
  }
  return false
}

async function serversToAsk(
  { rooms }: InboundContext,
  { head }: OpenRoom,
  origin: string,
  sender: string,
): Promise<string[]> {
  const others = await serversInRoom(rooms.queries, head.roomNid, MAX_SERVERS_TO_ASK)
  const servers = new Set([origin, serverOf(sender), ...others])
  servers.delete(rooms.serverName)
  return [...servers].slice(0, MAX_SERVERS_TO_ASK)
}

function eventIds(staged: readonly StagedPdu[]): string[] {
  return staged.map(({ eventId }) => eventId)
}
