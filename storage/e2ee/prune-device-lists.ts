import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import { CROSS_SIGNING } from './device-list-write.ts'

/**
 * Deletes changes that a later one of the same user makes needless: who has seen neither finds the later one. What some
 * server has still to be told stays, because those messages are a chain. Returns how many were deleted.
 */
export async function pruneDeviceListChanges(queries: Queries, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    WITH told AS (
      SELECT least((SELECT min(after_pos) FROM device_list_destination),
                   (SELECT place FROM stream_cursor WHERE consumer = 'device-list-outbox')) AS up_to)
    DELETE FROM device_list_change WHERE stream_pos IN (
      SELECT old.stream_pos FROM device_list_change AS old, told
       WHERE old.stream_pos < told.up_to AND (old.room_nid IS NOT NULL OR EXISTS (
         SELECT FROM device_list_change AS newer
          WHERE newer.user_nid = old.user_nid AND newer.stream_pos > old.stream_pos AND newer.room_nid IS NULL
            AND newer.stream_pos <= told.up_to AND newer.viewer_nid IS NOT DISTINCT FROM old.viewer_nid
            AND (newer.device_id = ${CROSS_SIGNING}) = (old.device_id = ${CROSS_SIGNING})))
       LIMIT ${limit})`.execute(queries)
  return Number(numAffectedRows ?? 0)
}

/** Deletes copies of lists of users who are in no room with anybody here. Returns how many were deleted. */
export async function pruneRemoteLists(queries: Queries, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    DELETE FROM remote_device_list WHERE user_nid IN (
      SELECT list.user_nid FROM remote_device_list AS list
       WHERE NOT EXISTS (
         SELECT FROM membership AS theirs JOIN membership AS ours ON ours.room_nid = theirs.room_nid
           JOIN account ON account.user_nid = ours.user_nid
          WHERE theirs.user_nid = list.user_nid AND theirs.membership = 'join' AND ours.membership = 'join')
       LIMIT ${limit})`.execute(queries)
  return Number(numAffectedRows ?? 0)
}
