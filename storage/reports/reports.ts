import type { Queries } from '../database.ts'
import type { EventNid, RoomNid, UserNid } from '../numeric-ids.ts'

/** A report as it comes in. */
export interface NewReport {
  readonly reporterNid: UserNid
  readonly receivedTs: number
  readonly reason: string | undefined
  readonly roomNid?: RoomNid
  readonly eventNid?: EventNid
  readonly reportedUserNid?: UserNid
}

/** A report as it is stored. Ids grow with time. */
export interface StoredReport extends NewReport {
  readonly reportId: number
}

/** Stores a report. */
export async function insertReport(queries: Queries, report: NewReport): Promise<void> {
  await queries
    .insertInto('report')
    .values({
      received_ts: report.receivedTs,
      reporter_nid: report.reporterNid,
      room_nid: report.roomNid ?? null,
      event_nid: report.eventNid ?? null,
      reported_user_nid: report.reportedUserNid ?? null,
      reason: report.reason ?? null,
    })
    .execute()
}

/** The newest reports, newest first; `before` is the id of one that has been seen. */
export async function newestReports(
  queries: Queries,
  limit: number,
  before?: number,
): Promise<StoredReport[]> {
  const rows = await queries
    .selectFrom('report')
    .selectAll()
    .$if(before !== undefined, (query) => query.where('report_id', '<', before!))
    .orderBy('report_id', 'desc')
    .limit(limit)
    .execute()
  return rows.map((row) => ({
    reportId: row.report_id,
    receivedTs: row.received_ts,
    reporterNid: row.reporter_nid,
    reason: row.reason ?? undefined,
    ...(row.room_nid !== null && { roomNid: row.room_nid }),
    ...(row.event_nid !== null && { eventNid: row.event_nid }),
    ...(row.reported_user_nid !== null && { reportedUserNid: row.reported_user_nid }),
  }))
}
