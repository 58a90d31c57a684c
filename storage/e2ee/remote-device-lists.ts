import { sql } from 'kysely'
import { anyOf } from '../any-of.ts'
import type { Queries } from '../database.ts'
import type { UserNid } from '../numeric-ids.ts'
import type { StreamPosition } from '../position/position.ts'

/** Below all numbers, so that the first change that is told makes the copy stale. */
export const UNKNOWN_STREAM_ID = -1

/** A copy of the device list of a user of another server. Keys are JSON texts. */
export interface RemoteDeviceList {
  readonly userNid: UserNid
  /** The other server's number of the last change that is in the copy; `UNKNOWN_STREAM_ID` where it was not told. */
  readonly streamId: number
  /** Our position before the copy was asked for. */
  readonly fetchedPos: StreamPosition
  readonly masterKey: string | null
  readonly selfSigningKey: string | null
  /** Keys by device id. */
  readonly devices: ReadonlyMap<string, string>
}

/** Stores copies in the place of those before. Returns the users of whose copies something was missed before. */
export async function replaceRemoteLists(
  queries: Queries,
  lists: readonly RemoteDeviceList[],
): Promise<Set<UserNid>> {
  if (lists.length === 0) return new Set()
  const userNids = lists.map(({ userNid }) => userNid)
  const devices = lists.flatMap(({ userNid, devices }) =>
    Array.from(devices, ([deviceId, keys]) => ({ userNid, deviceId, keys })),
  )
  return queries.transaction().execute(async (transaction) => {
    const before = await transaction
      .selectFrom('remote_device_list')
      .select(['user_nid', 'stale'])
      .where('user_nid', '=', anyOf(userNids))
      .orderBy('user_nid')
      .forUpdate()
      .execute()
    await sql`
      INSERT INTO remote_device_list (user_nid, stream_id, fetched_pos, stale, master_key, self_signing_key)
      SELECT user_nid, stream_id, fetched_pos, false, master_key, self_signing_key FROM unnest(
        ${userNids}::bigint[], ${lists.map((list) => list.streamId)}::bigint[],
        ${lists.map((list) => list.fetchedPos)}::bigint[], ${lists.map((list) => list.masterKey)}::text[],
        ${lists.map((list) => list.selfSigningKey)}::text[]
      ) AS r(user_nid, stream_id, fetched_pos, master_key, self_signing_key)
      ORDER BY user_nid
      ON CONFLICT (user_nid) DO UPDATE SET stream_id = excluded.stream_id, fetched_pos = excluded.fetched_pos,
        stale = false, master_key = excluded.master_key, self_signing_key = excluded.self_signing_key
    `.execute(transaction)
    await transaction.deleteFrom('remote_device').where('user_nid', '=', anyOf(userNids)).execute()
    await sql`
      INSERT INTO remote_device (user_nid, device_id, keys) SELECT * FROM unnest(
        ${devices.map((device) => device.userNid)}::bigint[],
        ${devices.map((device) => device.deviceId)}::text[], ${devices.map((device) => device.keys)}::text[])
    `.execute(transaction)
    return new Set(before.filter(({ stale }) => stale).map((row) => row.user_nid))
  })
}

/** Those of some users of whose lists there is a copy. */
export async function keptLists(queries: Queries, userNids: readonly UserNid[]): Promise<Set<UserNid>> {
  const rows = await queries
    .selectFrom('remote_device_list')
    .select('user_nid')
    .where('user_nid', '=', anyOf(userNids))
    .execute()
  return new Set(rows.map((row) => row.user_nid))
}

/** Notes that something may have been missed of users' lists. */
export async function markStale(queries: Queries, userNids: readonly UserNid[]): Promise<void> {
  await queries
    .updateTable('remote_device_list')
    .set({ stale: true })
    .where('user_nid', '=', anyOf(userNids))
    .execute()
}

/** A change of one device as another server tells it. */
export interface RemoteDeviceChange {
  readonly userNid: UserNid
  readonly deviceId: string
  readonly streamId: number
  /** The newest change that the sender takes for known; undefined when it names none. */
  readonly previous: number | undefined
  /** JSON text; undefined for a device that is gone or has no keys. */
  readonly keys: string | undefined
}

/**
 * Takes a change into the copy of a list, where nothing was missed before it.
 *
 * @returns `stale` when something was: the copy is marked so; `unknown` when there is no copy.
 */
export async function changeRemoteDevice(
  queries: Queries,
  { userNid, deviceId, streamId, previous, keys }: RemoteDeviceChange,
): Promise<'applied' | 'stale' | 'unknown'> {
  return queries.transaction().execute(async (transaction) => {
    const list = await transaction
      .selectFrom('remote_device_list')
      .select(['stream_id', 'stale'])
      .where('user_nid', '=', userNid)
      .forUpdate()
      .executeTakeFirst()
    if (!list) return 'unknown'
    const follows = previous !== undefined && previous <= list.stream_id && streamId > list.stream_id
    const update = transaction.updateTable('remote_device_list').where('user_nid', '=', userNid)
    if (list.stale || !follows) {
      await update.set({ stale: true }).execute()
      return 'stale'
    }
    await update.set({ stream_id: streamId }).execute()
    if (keys === undefined) {
      await transaction
        .deleteFrom('remote_device')
        .where('user_nid', '=', userNid)
        .where('device_id', '=', deviceId)
        .execute()
      return 'applied'
    }
    await transaction
      .insertInto('remote_device')
      .values({ user_nid: userNid, device_id: deviceId, keys })
      .onConflict((conflict) => conflict.columns(['user_nid', 'device_id']).doUpdateSet({ keys }))
      .execute()
    return 'applied'
  })
}

/** Puts other cross-signing keys into the copy of a list, where there is one; undefined leaves a key as it is. */
export async function changeRemoteCrossSigning(
  queries: Queries,
  userNid: UserNid,
  keys: { readonly master: string | undefined; readonly selfSigning: string | undefined },
): Promise<void> {
  await sql`
    UPDATE remote_device_list SET master_key = coalesce(${keys.master ?? null}::text, master_key),
           self_signing_key = coalesce(${keys.selfSigning ?? null}::text, self_signing_key)
     WHERE user_nid = ${userNid}`.execute(queries)
}

/** The copies of users' lists that have not missed anything. */
export async function remoteLists(
  queries: Queries,
  userNids: readonly UserNid[],
): Promise<RemoteDeviceList[]> {
  if (userNids.length === 0) return []
  const [lists, devices] = await Promise.all([
    queries
      .selectFrom('remote_device_list')
      .selectAll()
      .where('user_nid', '=', anyOf(userNids))
      .where('stale', '=', false)
      .execute(),
    queries.selectFrom('remote_device').selectAll().where('user_nid', '=', anyOf(userNids)).execute(),
  ])
  const byUser = new Map<UserNid, Map<string, string>>(lists.map((row) => [row.user_nid, new Map()]))
  for (const row of devices) byUser.get(row.user_nid)?.set(row.device_id, row.keys)
  return lists.map((row) => ({
    userNid: row.user_nid,
    streamId: row.stream_id,
    fetchedPos: row.fetched_pos,
    masterKey: row.master_key,
    selfSigningKey: row.self_signing_key,
    devices: byUser.get(row.user_nid)!,
  }))
}

/** Forgets the copy of a list. */
export async function deleteRemoteList(queries: Queries, userNid: UserNid): Promise<void> {
  await queries.deleteFrom('remote_device_list').where('user_nid', '=', userNid).execute()
}

/**
 * Those of some users of other servers who share a room with anybody here, each with the position since when that has
 * been so without a break: from then on their server tells us of changes.
 */
export async function sharedSince(
  queries: Queries,
  userNids: readonly UserNid[],
): Promise<Map<UserNid, StreamPosition>> {
  if (userNids.length === 0) return new Map()
  const { rows } = await sql<{ user_nid: UserNid; since: StreamPosition }>`
    WITH ${sharedPlaces(userNids)}
    SELECT t.user_nid, min(greatest(t.joined_pos, ours.joined_pos)) AS since
      FROM theirs AS t JOIN ours USING (room_nid) GROUP BY t.user_nid`.execute(queries)
  return new Map(rows.map((row) => [row.user_nid, row.since]))
}

/** Those of some users of other servers who share rooms since coming to a room of ours, and not since one of us came to theirs. */
export async function cameToUs(queries: Queries, userNids: readonly UserNid[]): Promise<Set<UserNid>> {
  if (userNids.length === 0) return new Set()
  const { rows } = await sql<{ user_nid: UserNid; came: boolean }>`
    WITH ${sharedPlaces(userNids)}
    SELECT DISTINCT ON (theirs.user_nid) theirs.user_nid, theirs.joined_pos > ours.joined_pos AS came
      FROM theirs JOIN ours USING (room_nid)
     ORDER BY theirs.user_nid, greatest(theirs.joined_pos, ours.joined_pos)`.execute(queries)
  return new Set(rows.filter(({ came }) => came).map((row) => row.user_nid))
}

/** The rooms of some users, and since when anybody of ours is in these. */
function sharedPlaces(userNids: readonly UserNid[]) {
  return sql`theirs AS MATERIALIZED (
      SELECT user_nid, room_nid, coalesce(joined_pos, 0) AS joined_pos FROM membership
       WHERE user_nid = ANY(${userNids}) AND membership = 'join' AND NOT outside),
    ours AS MATERIALIZED (
      SELECT m.room_nid, min(coalesce(m.joined_pos, 0)) AS joined_pos
        FROM membership AS m JOIN account USING (user_nid)
       WHERE m.room_nid = ANY(ARRAY(SELECT DISTINCT room_nid FROM theirs)) AND m.membership = 'join'
       GROUP BY m.room_nid)`
}
