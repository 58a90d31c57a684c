import type { HistoryEvent } from '../../homeserver/rooms/room-intent.ts'
import type { RoomWriter } from '../../homeserver/rooms/room-writer.ts'
import type { SignedPdu } from '../../protocol/events/room-event.ts'
import type { Queries } from '../../storage/database.ts'
import {
  failedPulls,
  forgetFailedPulls,
  recordFailedPulls,
  type PullPause,
} from '../../storage/federation/failed-pulls.ts'
import { missingBefore } from '../../storage/federation/history-gap.ts'
import { serversInRoom } from '../../storage/rooms/membership-reader.ts'
import { FederationRequestError } from '../client/transport/federation-request-error.ts'
import { causesFirst } from '../../protocol/events/causes-first.ts'
import { fetchAuthEvents } from './fetch-auth-events.ts'
import { fetchStateBefore } from './fetch-state-before.ts'
import type { RemoteRoomDependencies } from './remote-room-dependencies.ts'
import { verifiedEvents, type RoomOfVersion } from './verified-events.ts'

/** What a page of `/messages` may wait for. */
const MAX_SERVERS = 4
/** Servers that are left alone cost nothing, and do not count. */
const MAX_CANDIDATES = 50
/** Whoever pages at a gap is not made to wait for servers that could not tell a moment ago. */
const PAUSE: PullPause = { firstMs: 2_000, maxMs: 600_000 }
/** What servers answer at a time. */
const MAX_EVENTS = 100
/** Forks in the fetched history whose state before must be told; the rest comes with the next page. */
const MAX_TOLD_STATES = 5

export interface BackfillDependencies extends RemoteRoomDependencies {
  readonly serverName: string
  readonly queries: Queries
  readonly writer: RoomWriter
}

/**
 * Fetches history before the events named from one server in the room after the other, until some of it could be
 * stored (server-server API, "Backfilling and retrieving missing events").
 *
 * @returns how many events came; 0 when there are none, or none that any server would give us.
 */
export async function backfillRoom(
  dependencies: BackfillDependencies,
  roomId: string,
  from: readonly string[],
  limit: number,
): Promise<number> {
  const { queries, writer, log, serverName, now } = dependencies
  const open = await writer.open(roomId)
  if (!open) return 0
  const { roomNid, version } = open.head
  const missing = await missingBefore(queries, roomNid, from)
  const pulls = await failedPulls(queries, roomNid, missing)
  const wanted = missing.filter((eventId) => (pulls.get(eventId)?.retryTs ?? 0) <= now())
  if (wanted.length === 0) return 0
  const servers = await serversInRoom(queries, roomNid, MAX_CANDIDATES)
  let asked = 0
  for (const server of servers.filter((name) => name !== serverName)) {
    if (asked === MAX_SERVERS) break
    try {
      const stored = await backfillFrom(dependencies, { roomId, version }, wanted, limit, server)
      if (stored > 0) {
        await forgetFailedPulls(queries, roomNid, [...pulls.keys()])
        return stored
      }
      asked += 1
    } catch (error) {
      if (!(error instanceof FederationRequestError)) throw error
      if (error.kind !== 'backed-off') asked += 1
      log.info({ server, reason: error.message }, 'could not fetch history from this server')
    }
  }
  const failed = wanted.map((eventId) => ({ eventId, origin: undefined }))
  await recordFailedPulls(queries, roomNid, failed, now(), PAUSE)
  return 0
}

async function backfillFrom(
  dependencies: BackfillDependencies,
  room: RoomOfVersion,
  wanted: readonly string[],
  limit: number,
  server: string,
): Promise<number> {
  const { client, events, writer } = dependencies
  const pdus = await client.backfill(server, room.roomId, wanted, Math.min(limit, MAX_EVENTS))
  const told = await verifiedEvents(dependencies, room, pdus)
  const here = await events.byIds(told.map(({ eventId }) => eventId))
  const unknown = told.filter(({ eventId }) => here.get(eventId)?.outlier !== false)
  const fresh = causesFirst(connected(unknown, wanted))
  if (fresh.length === 0) return 0
  const grounded = await withStatesBefore(dependencies, room, fresh, server)
  await learnAuthEvents(dependencies, room, fresh, server)
  const { eventIds } = await writer.submit(room.roomId, { kind: 'history', events: grounded })
  return eventIds.length
}

/** The events that lead to those wanted without a step over what is here: others belong into another gap. */
function connected(events: readonly SignedPdu[], wanted: readonly string[]): SignedPdu[] {
  const left = new Map(events.map((event) => [event.eventId, event]))
  const found: SignedPdu[] = []
  const queue = [...wanted]
  for (let eventId = queue.pop(); eventId !== undefined; eventId = queue.pop()) {
    const event = left.get(eventId)
    if (!event) continue
    left.delete(eventId)
    found.push(event)
    queue.push(...event.prevEvents)
  }
  return found
}

/** Has the server tell the state before those events that nothing fetched or stored leads to. */
async function withStatesBefore(
  dependencies: BackfillDependencies,
  room: RoomOfVersion,
  events: readonly SignedPdu[],
  server: string,
): Promise<HistoryEvent[]> {
  const causes = await dependencies.events.byIds(events.flatMap((event) => event.prevEvents))
  const placed = new Set<string>()
  const grounded: HistoryEvent[] = []
  let toldStates = 0
  for (const event of events) {
    const follows = event.prevEvents.every((id) => placed.has(id) || causes.get(id)?.stateAfter !== undefined)
    if (follows && event.prevEvents.length > 0) grounded.push({ event })
    else if (toldStates++ < MAX_TOLD_STATES) {
      const stateBefore = await learnStateBefore(dependencies, room, event, server)
      if (stateBefore === undefined) continue
      grounded.push({ event, stateBefore })
    } else continue
    placed.add(event.eventId)
  }
  return grounded
}

/** The create event is the one that has no state before it. */
async function learnStateBefore(
  dependencies: BackfillDependencies,
  room: RoomOfVersion,
  event: SignedPdu,
  server: string,
) {
  const told =
    event.prevEvents.length === 0
      ? { state: [], authChain: [] }
      : await fetchStateBefore(dependencies, room, event.eventId, server)
  return (await dependencies.writer.submit(room.roomId, { kind: 'learn-state', ...told })).stateRoot
}

async function learnAuthEvents(
  dependencies: BackfillDependencies,
  room: RoomOfVersion,
  events: readonly SignedPdu[],
  server: string,
): Promise<void> {
  const fetched = new Set(events.map(({ eventId }) => eventId))
  const causes = events.flatMap((event) => event.authEvents).filter((id) => !fetched.has(id))
  const here = await dependencies.events.byIds(causes)
  const missing = [...new Set(causes)].filter((id) => !here.has(id))
  if (missing.length === 0) return
  const authChain = await fetchAuthEvents(dependencies, room, missing, server)
  await dependencies.writer.submit(room.roomId, { kind: 'learn-state', state: [], authChain })
}
