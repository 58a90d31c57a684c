import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { insertReport } from '../../storage/reports/reports.ts'
import { sightOf } from '../history/event-sight.ts'
import type { Viewer } from '../history/read-services.ts'
import type { RateLimits } from '../rate-limits/rate-limits.ts'
import type { SyncServices } from '../sync/sync-services.ts'

/** What reports stand on. */
export interface ReportServices {
  readonly services: SyncServices
  readonly limits: Pick<RateLimits, 'reports'>
}

/** Enough for a few paragraphs; administrators read these one by one. */
const MAX_REASON_CHARACTERS = 4_000

/**
 * Reports an event of a room that the user is joined to.
 *
 * @throws MatrixError 404 M_NOT_FOUND where there is none that the user may see, whatever the reason.
 */
export async function reportEvent(
  { services, limits }: ReportServices,
  reporter: Viewer,
  { roomId, eventId, reason }: { roomId: string; eventId: string; reason: string | undefined },
): Promise<void> {
  limits.reports.consume(reporter.userId)
  checkReason(reason)
  const stored = await services.events.byId(eventId)
  const { rooms } = await services.views.of(reporter.userNid)
  const joined = stored?.event.roomId === roomId && rooms.get(stored.roomNid)?.membership === 'join'
  const sighting = joined
    ? (await sightOf(services, services.openHistories, reporter, rooms, [stored])).get(stored.eventNid)
    : undefined
  if (!stored || !sighting?.visible) {
    throw new MatrixError(404, 'M_NOT_FOUND', 'There is no such event in a room that you are in')
  }
  const { roomNid, eventNid } = stored
  await insertReport(services.queries, { ...headOf(services, reporter, reason), roomNid, eventNid })
}

/** Reports a room. Nobody learns from it whether the room is known here (MSC4277). */
export async function reportRoom(
  { services, limits }: ReportServices,
  reporter: Viewer,
  { roomId, reason }: { roomId: string; reason: string },
): Promise<void> {
  limits.reports.consume(reporter.userId)
  checkReason(reason)
  const roomNid = await services.interner.findRoomNid(roomId)
  if (roomNid === undefined) return
  await insertReport(services.queries, { ...headOf(services, reporter, reason), roomNid })
}

/** Reports a user. Nobody learns from it whether the user is known here (MSC4277). */
export async function reportUser(
  { services, limits }: ReportServices,
  reporter: Viewer,
  { userId, reason }: { userId: string; reason: string },
): Promise<void> {
  limits.reports.consume(reporter.userId)
  checkReason(reason)
  const reportedUserNid = await services.interner.findUserNid(userId)
  if (reportedUserNid === undefined) return
  await insertReport(services.queries, { ...headOf(services, reporter, reason), reportedUserNid })
}

function headOf({ now }: SyncServices, { userNid }: Viewer, reason: string | undefined) {
  return { reporterNid: userNid, receivedTs: now(), reason }
}

function checkReason(reason: string | undefined): void {
  if (reason === undefined) return
  if (reason.length > MAX_REASON_CHARACTERS) {
    throw new MatrixError(400, 'M_INVALID_PARAM', `The reason may have ${MAX_REASON_CHARACTERS} characters`)
  }
  if (reason.includes('\0') || !reason.isWellFormed()) {
    throw new MatrixError(400, 'M_BAD_JSON', 'The reason holds what is no character')
  }
}
