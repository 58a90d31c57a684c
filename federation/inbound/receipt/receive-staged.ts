import type { JobKind } from '../../../homeserver/jobs/job-kind.ts'
import type { OpenRoom } from '../../../homeserver/rooms/open-room.ts'
import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { serverOf } from '../../../protocol/identifiers/user-id.ts'
import { parseJson } from '../../../protocol/json/parse.ts'
import {
  failedPulls,
  forgetFailedPulls,
  recordFailedPulls,
  type PullPause,
} from '../../../storage/federation/failed-pulls.ts'
import {
  nextStagedRetry,
  removeStagedPdus,
  stagedPdus,
  type StagedPdu,
} from '../../../storage/federation/staged-pdus.ts'
import type { RoomNid } from '../../../storage/numeric-ids.ts'
import { verifyPdus, type PduVerification } from '../../keys/verify-pdus.ts'
import type { InboundContext } from '../inbound-context.ts'
import { joinedRoom } from '../resident-room.ts'
import { isComplete, missingCauses } from './missing-causes.ts'
import { receiveWithCauses } from './receive-with-causes.ts'
import { RECEIVE_STAGED } from './stage-events.ts'
import { serversOfRoom } from '../../../homeserver/rooms/partial-state/servers-of-room.ts'

/** Staged events that are read at a time. */
const PAGE = 50
/** The sender, the author's server and some others of the room. */
const MAX_SERVERS_TO_ASK = 5
/** Rooms whose gaps are fetched at the same time. */
const CONCURRENCY = 4
/**
 * Whoever sends an event can usually tell those before it. The state before it, which is a larger answer and has to
 * be believed, is asked for when this has failed and some time has passed.
 */
const STATE_AFTER_MS = 1_000

/** How far to go for the causes of an event: not at all, its auth events, those before it, the state before it as well. */
type Effort = 'none' | 'auth' | 'events' | 'all'

/** Servers that are away come back within the day; what nobody can tell by then nobody will. */
const MAX_ATTEMPTS = 20
const PAUSE: PullPause = { firstMs: 2_000, maxMs: 7_200_000 }
/** Where something is due at once that has just been tried. */
const LEAST_PAUSE_MS = 500

/** The job that receives the staged events of one room. */
export function receiveStagedJob(context: InboundContext): JobKind<string> {
  const { rooms, jobs } = context
  return {
    kind: RECEIVE_STAGED,
    read: String,
    concurrency: CONCURRENCY,
    handle: async (roomId, { signal }) => {
      const left = await receiveStaged(context, roomId, signal)
      if (left.length === 0) return
      const roomNid = left[0]!.roomNid
      await giveUpOn(context, roomId, roomNid, left)
      const next = await nextStagedRetry(rooms.queries, roomNid)
      if (next === undefined) return
      const runAt = Math.max(next, rooms.now() + LEAST_PAUSE_MS)
      await jobs.schedule({ kind: RECEIVE_STAGED, key: roomId, payload: roomId, runAt })
    },
  }
}

/** Removes those of the events that have failed too often. */
async function giveUpOn(
  { rooms: { queries }, log }: InboundContext,
  roomId: string,
  roomNid: RoomNid,
  left: readonly StagedPdu[],
): Promise<void> {
  const pulls = await failedPulls(queries, roomNid, eventIds(left))
  const hopeless = [...pulls].flatMap(([eventId, { attempts }]) => (attempts < MAX_ATTEMPTS ? [] : [eventId]))
  if (hopeless.length === 0) return
  await removeStagedPdus(queries, roomNid, hopeless)
  await forgetFailedPulls(queries, roomNid, hopeless)
  log.info({ roomId, count: hopeless.length }, 'gave up events whose causes no server has')
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
    // Nothing of a room that this server has left meanwhile is of use.
    failed.push(...(room ? await receivePage(context, room, next, signal) : []))
    if (!room) await removeStagedPdus(queries, roomNid, eventIds(next))
  }
}

/** @returns those that have to be tried again. */
async function receivePage(
  context: InboundContext,
  room: OpenRoom,
  page: readonly StagedPdu[],
  signal: AbortSignal,
): Promise<StagedPdu[]> {
  const { queries, now } = context.rooms
  const pdus = page.map(({ pdu }) => parseJson(pdu))
  const verified = await verifyPdus(context.keyRing, pdus, room.head.version)
  const waiting = page.map((staged, index) => ({ staged, verified: verified[index] }))
  const followed = new Set(verified.flatMap((result) => (result.ok ? result.event.prevEvents : [])))
  const isFresh = ({ receivedTs }: StagedPdu): boolean => now() - receivedTs < STATE_AFTER_MS

  // Where only auth events are missing, all that follows waits for nothing else. Then one request for the newest of
  // a stretch brings those before it as well.
  const pulls = await failedPulls(queries, room.head.roomNid, eventIds(page))
  const due = waiting.filter(({ staged }) => (pulls.get(staged.eventId)?.retryTs ?? 0) <= now())
  const newest = due.filter(({ staged }) => isFresh(staged) && !followed.has(staged.eventId))
  const steps: { staged: StagedPdu; verified: PduVerification | undefined; effort: Effort }[] = [
    ...due.map((item) => ({ ...item, effort: 'auth' as const })),
    ...newest.map((item) => ({ ...item, effort: 'events' as const })),
    ...due.filter(({ staged }) => !isFresh(staged)).map((item) => ({ ...item, effort: 'all' as const })),
    // What came for one event may be all that others wait for.
    ...waiting.map((item) => ({ ...item, effort: 'none' as const })),
  ]
  const settled = new Set<string>()
  for (const { staged, verified, effort } of steps) {
    signal.throwIfAborted()
    if (settled.has(staged.eventId) || !(await isSettled(context, room, staged, verified, effort))) continue
    settled.add(staged.eventId)
    await removeStagedPdus(queries, room.head.roomNid, [staged.eventId])
  }
  const failed = due.map(({ staged }) => staged).filter(({ eventId }) => !settled.has(eventId))
  await recordFailedPulls(queries, room.head.roomNid, failed, now(), PAUSE)
  await forgetFailedPulls(
    queries,
    room.head.roomNid,
    [...pulls.keys()].filter((id) => settled.has(id)),
  )
  return page.filter(({ eventId }) => !settled.has(eventId))
}

/** @returns false when it has to be tried again. */
async function isSettled(
  context: InboundContext,
  room: OpenRoom,
  staged: StagedPdu,
  verified: PduVerification | undefined,
  effort: Effort,
): Promise<boolean> {
  if (!verified?.ok) return verified?.why !== 'missing-key'
  const { event } = verified
  const servers = await serversToAsk(context, room, staged.origin, event.sender)
  const missing = await missingCauses(room, event)
  if (effort === 'none' && !isComplete(missing)) return false
  if (effort === 'auth' && missing.prevEvents.length > 0) return false
  for (const server of servers) {
    try {
      const { verdict } = await receiveWithCauses(context, event, server, effort === 'all')
      context.log.debug({ eventId: event.eventId, verdict }, 'received an event after fetching its causes')
      return true
    } catch (error) {
      if (error instanceof MatrixError) return true
      context.log.debug(
        { eventId: event.eventId, server, err: error },
        'causes of an event could not be fetched',
      )
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
  const others = await serversOfRoom(rooms, head.roomNid, MAX_SERVERS_TO_ASK)
  const servers = new Set([origin, serverOf(sender), ...others])
  servers.delete(rooms.serverName)
  return [...servers].slice(0, MAX_SERVERS_TO_ASK)
}

function eventIds(staged: readonly StagedPdu[]): string[] {
  return staged.map(({ eventId }) => eventId)
}
