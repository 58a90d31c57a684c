import { sql, type SqlBool } from 'kysely'
import type { Queries } from '../database.ts'
import type { RoomNid, ServerNid, UserNid } from '../numeric-ids.ts'

/** Which media an administrator means. */
export type MediaSelection =
  | { readonly serverNid: ServerNid; readonly mediaIds: readonly string[] }
  | { readonly serverNid: ServerNid }
  | { readonly uploaderNid: UserNid }

/**
 * Quarantines media: it stays stored and is served to nobody.
 *
 * @param options.protectedToo whether what is protected is meant too.
 * @returns how many are quarantined now that were not.
 */
export async function quarantineMedia(
  queries: Queries,
  selection: MediaSelection,
  by: UserNid,
  now: number,
  options: { readonly protectedToo?: boolean } = {},
): Promise<number> {
  const { numUpdatedRows } = await queries
    .updateTable('media')
    .set({ quarantined_ts: now, quarantined_by: by })
    .where(selected(selection))
    .where('quarantined_ts', 'is', null)
    .$if(options.protectedToo !== true, (query) => query.where('protected', '=', false))
    .executeTakeFirst()
  return Number(numUpdatedRows)
}

/** Takes a quarantine back. */
export async function releaseMedia(queries: Queries, selection: MediaSelection): Promise<void> {
  const released = { quarantined_ts: null, quarantined_by: null }
  await queries.updateTable('media').set(released).where(selected(selection)).execute()
}

/** Has media left out, or no longer, when the media of its room, uploader or server is quarantined. */
export async function protectMedia(
  queries: Queries,
  selection: MediaSelection,
  isProtected: boolean,
): Promise<void> {
  await queries.updateTable('media').set({ protected: isProtected }).where(selected(selection)).execute()
}

function selected(selection: MediaSelection) {
  if ('uploaderNid' in selection) return sql<SqlBool>`uploader_nid = ${selection.uploaderNid}`
  if (!('mediaIds' in selection)) return sql<SqlBool>`server_nid = ${selection.serverNid}`
  return sql<SqlBool>`server_nid = ${selection.serverNid} AND media_id = ANY(${selection.mediaIds}::text[])`
}

/** Events of one statement. */
const BATCH = 1_000

/** The content URIs that an event names, wherever in it. */
export function namedMedia(pdu: Buffer): string[] {
  return Array.from(pdu.toString('utf8').matchAll(/mxc:\/\/[^/"\\\s]+\/[A-Za-z0-9_-]+/g), ([uri]) => uri)
}

/** The content URIs that a room's events name, wherever in them. */
export async function mediaNamedInRoom(queries: Queries, roomNid: RoomNid): Promise<Set<string>> {
  const found = new Set<string>()
  for (let after = 0; ;) {
    const rows = await queries
      .selectFrom('event')
      .select(['event_nid', 'pdu'])
      .where('room_nid', '=', roomNid)
      .where('event_nid', '>', sql<never>`${after}`)
      .where(sql<SqlBool>`position('mxc://'::bytea IN pdu) > 0`)
      .orderBy('event_nid')
      .limit(BATCH)
      .execute()
    for (const { event_nid, pdu } of rows) {
      after = event_nid
      for (const uri of namedMedia(pdu)) found.add(uri)
    }
    if (rows.length < BATCH) return found
  }
}
