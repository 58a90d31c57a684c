import type { JobKind } from '../../../homeserver/jobs/job-kind.ts'
import type { JobRunner } from '../../../homeserver/jobs/job-runner.ts'
import type { RetryPolicy } from '../../../homeserver/jobs/retry-policy.ts'
import type { OpenRoom } from '../../../homeserver/rooms/open-room.ts'
import { serversOfRoom } from '../../../homeserver/rooms/partial-state/servers-of-room.ts'
import type { RoomServices } from '../../../homeserver/rooms/room-services.ts'
import { eventWriteOf } from '../../../storage/events/event-write.ts'
import { scheduleJob } from '../../../storage/jobs/schedule-job.ts'
import type { RoomNid } from '../../../storage/numeric-ids.ts'
import { forgetPartialJoin, noteGivenUp } from '../../../storage/partial-joins/partial-joins.ts'
import { noteTry } from '../../../storage/partial-joins/partial-join-progress.ts'
import { isServerJoined } from '../../../storage/rooms/membership-reader.ts'
import type { StateRoot } from '../../../storage/state-trie/state-root.ts'
import { FederationRequestError } from '../../client/transport/federation-request-error.ts'
import { UnusableAnswerError } from '../try-servers.ts'
import { completeJoin } from './complete-join.ts'
import type { CompletionContext } from './completion-context.ts'
import { learnStateAfter } from './learn-state-after.ts'
import { wantedStates } from './state-bases.ts'

export const COMPLETE_JOIN = 'federation.complete-join'

/** Rooms that are completed at the same time: one large one must not keep small ones waiting. */
const CONCURRENCY = 4
/** Servers that are asked in one attempt. */
const MAX_SERVERS = 20
/**
 * About two days. A room none of whose servers answers for so long is as good as gone; an administrator sees it among
 * the failed jobs, and a restart or another join tries again.
 */
const RETRY: RetryPolicy = { maxAttempts: 60, firstDelayMs: 1_000, maxDelayMs: 3_600_000 }

/** The job that makes a partially joined room whole; its key and payload are the room id. */
export function completeJoinJob(context: CompletionContext): JobKind<string> {
  const { services } = context
  return {
    kind: COMPLETE_JOIN,
    read: String,
    concurrency: CONCURRENCY,
    retry: RETRY,
    handle: async (roomId, { signal, attempt }) => {
      const roomNid = await services.interner.findRoomNid(roomId)
      if (roomNid === undefined || !services.partial.has(roomNid)) return
      try {
        const room = await context.writer.open(roomId)
        if (!room || !(await isHere(context, room))) {
          await forgetPartialJoin(services.queries, roomNid)
          services.partial.forget(roomNid)
          return
        }
        const { after, servers } = await learnStates(context, room, signal)
        await completeJoin(context, room, after, servers, signal)
        context.log.info({ roomId }, 'all members of a joined room are known')
      } catch (error) {
        if (attempt >= RETRY.maxAttempts) {
          await noteGivenUp(services.queries, roomNid, services.now())
          services.partial.setGivenUp(roomNid, true)
          context.log.warn({ roomId }, 'gave up fetching the members of a joined room: no server tells them')
        }
        throw error
      }
    },
  }
}

/** Has joins completed as they come, and those that earlier runs left. After the registration of the job. */
export async function followPartialJoins(
  { services, log }: Pick<CompletionContext, 'services' | 'log'>,
  jobs: Pick<JobRunner, 'schedule' | 'cancel'>,
): Promise<void> {
  const schedule = (roomId: string): Promise<void> =>
    jobs.schedule({ kind: COMPLETE_JOIN, key: roomId, payload: roomId, runAt: 0 })
  services.committer.onCommit((writes) => {
    for (const committed of writes) {
      const write = eventWriteOf(committed)
      if (write?.joining === undefined || write.joining === 'whole') continue
      const { roomId } = write.row.event
      schedule(roomId).catch((error: unknown) =>
        log.warn({ roomId, err: error }, 'completing a join waits for the next start'),
      )
    }
  })
  const waiting = services.partial.list()
  for (const roomNid of waiting) await takeUp(services, roomNid)
  for (const roomId of (await services.interner.roomIds(waiting)).values()) {
    // Whoever held the job is gone, and what is left of its lease need not be waited for.
    await jobs.cancel(COMPLETE_JOIN, roomId)
    await schedule(roomId)
  }
}

/**
 * Has a join that waits, or that was given up, completed now.
 *
 * @returns false where all members of the room are known, or nobody here is in it.
 */
export async function retryPartialJoin(
  services: Pick<RoomServices, 'queries' | 'interner' | 'partial'>,
  jobs: Pick<JobRunner, 'wake'>,
  roomId: string,
): Promise<boolean> {
  const roomNid = await services.interner.findRoomNid(roomId)
  if (roomNid === undefined || !services.partial.has(roomNid)) return false
  await takeUp(services, roomNid)
  await scheduleJob(services.queries, { kind: COMPLETE_JOIN, key: roomId, payload: roomId, runAt: 0 })
  jobs.wake()
  return true
}

async function takeUp(
  { queries, partial }: Pick<RoomServices, 'queries' | 'partial'>,
  roomNid: RoomNid,
): Promise<void> {
  partial.setGivenUp(roomNid, false)
  await noteGivenUp(queries, roomNid, null)
}

async function isHere({ services }: CompletionContext, { head }: OpenRoom): Promise<boolean> {
  const serverNid = await services.interner.serverNid(services.serverName)
  return isServerJoined(services.queries, head.roomNid, serverNid)
}

/** Learns all states that are wanted, those of what came meanwhile with them. */
async function learnStates(
  context: CompletionContext,
  room: OpenRoom,
  signal: AbortSignal,
): Promise<{ readonly after: ReadonlyMap<string, StateRoot>; readonly servers: ReadonlySet<string> }> {
  const after = new Map<string, StateRoot>()
  const asked = new Set<string>()
  for (;;) {
    const { causes, required, servers } = await wantedStates(context.services, room)
    const fresh = causes.filter((eventId) => !asked.has(eventId))
    if (fresh.length === 0) return { after, servers }
    for (const eventId of fresh) {
      asked.add(eventId)
      const root = await learnState(context, room, eventId, signal)
      if (root) after.set(eventId, root)
      // What leans on others stays as it is: nobody can keep a room from becoming whole by an event made up for it.
      else if (required.has(eventId)) throw new Error('no server told the state before the join')
    }
  }
}

async function learnState(
  context: CompletionContext,
  room: OpenRoom,
  eventId: string,
  signal: AbortSignal,
): Promise<StateRoot | undefined> {
  for (const server of await serversToAsk(context, room)) {
    signal.throwIfAborted()
    try {
      return await learnStateAfter(context, room, eventId, server, signal)
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof FederationRequestError) && !(error instanceof UnusableAnswerError)) throw error
      const { roomId, roomNid } = room.head
      const { services } = context
      await noteTry(services.queries, roomNid, { server, ts: services.now(), reason: error.message })
      context.log.info(
        { roomId, server, reason: error.message },
        'could not fetch the members from this server',
      )
    }
  }
  return undefined
}

/** Those that were told with the join come first, before them the one that told. */
async function serversToAsk({ services }: CompletionContext, { head }: OpenRoom): Promise<readonly string[]> {
  const servers = await serversOfRoom(services, head.roomNid, MAX_SERVERS)
  return servers.filter((server) => server !== services.serverName)
}
