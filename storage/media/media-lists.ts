import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { MediaNid, RoomNid, ServerNid, StateKeyNid, TypeNid, UserNid } from '../numeric-ids.ts'
import { namedMedia } from './quarantine.ts'

/** What an administrator sees of a file. Timestamps in ms since the epoch, sizes in bytes. */
export interface MediaListing {
  readonly nid: MediaNid
  readonly mediaId: string
  readonly uploaderNid: UserNid | null
  readonly contentType: string | null
  readonly size: number
  readonly fileName: string | null
  readonly createdTs: number
  readonly accessedTs: number
  readonly quarantinedBy: UserNid | null
  readonly protected: boolean
  readonly authenticated: boolean
  readonly sha256: Buffer | null
}

const COLUMNS = [
  'media_nid as nid',
  'media_id as mediaId',
  'uploader_nid as uploaderNid',
  'content_type as contentType',
  sql<number>`coalesce(size, 0)`.as('size'),
  'file_name as fileName',
  'created_ts as createdTs',
  'accessed_ts as accessedTs',
  'quarantined_by as quarantinedBy',
  'protected',
  'authenticated',
  'sha256',
] as const

/** By what lists of media can be ordered. */
export const MEDIA_ORDERS = {
  media_id: 'media_id',
  upload_name: 'file_name',
  created_ts: 'created_ts',
  last_access_ts: 'accessed_ts',
  media_length: 'size',
  media_type: 'content_type',
  quarantined_by: 'quarantined_by',
  safe_from_quarantine: 'protected',
} as const

/** A part of a list. */
export interface MediaPage {
  readonly orderBy: keyof typeof MEDIA_ORDERS
  readonly descending: boolean
  readonly from: number
  readonly limit: number
}

/** One file that is stored here; undefined where it is not. */
export async function findMediaListing(
  queries: Queries,
  serverNid: ServerNid,
  mediaId: string,
): Promise<MediaListing | undefined> {
  return queries
    .selectFrom('media')
    .select(COLUMNS)
    .where('server_nid', '=', serverNid)
    .where('media_id', '=', mediaId)
    .where('blob_key', 'is not', null)
    .executeTakeFirst()
}

/** What a user has uploaded and is still stored: a part of it, and how much there is. */
export async function mediaOfUploader(
  queries: Queries,
  uploaderNid: UserNid,
  { orderBy, descending, from, limit }: MediaPage,
): Promise<{ readonly media: MediaListing[]; readonly total: number }> {
  const ofUser = queries
    .selectFrom('media')
    .where('uploader_nid', '=', uploaderNid)
    .where('blob_key', 'is not', null)
  const { total } = await ofUser
    .select(({ fn }) => fn.countAll<string>().as('total'))
    .executeTakeFirstOrThrow()
  const direction = descending ? 'desc' : 'asc'
  const media = await ofUser
    .select(COLUMNS)
    .orderBy(MEDIA_ORDERS[orderBy], direction)
    .orderBy('media_nid', direction)
    .offset(from)
    .limit(limit)
    .execute()
  return { media, total: Number(total) }
}

/** Local media that nobody has looked at since `before` and that is larger than `minBytes`, after one number. */
export async function unusedLocalMedia(
  queries: Queries,
  own: ServerNid,
  wish: {
    readonly before: number
    readonly largerThan: number
    readonly after: MediaNid
    readonly limit: number
  },
): Promise<MediaListing[]> {
  return queries
    .selectFrom('media')
    .select(COLUMNS)
    .where('server_nid', '=', own)
    .where('blob_key', 'is not', null)
    .where('accessed_ts', '<', wish.before)
    .where('size', '>', wish.largerThan)
    .where('media_nid', '>', wish.after)
    .orderBy('media_nid')
    .limit(wish.limit)
    .execute()
}

/** Those of some content URIs that are local users' pictures of themselves. */
export async function userAvatarsAmong(queries: Queries, uris: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{ value: string }>`
    SELECT DISTINCT value FROM profile_field
     WHERE field = 'avatar_url' AND value = ANY(${uris.map((uri) => JSON.stringify(uri))}::text[])`.execute(
    queries,
  )
  return new Set(rows.map(({ value }) => String(JSON.parse(value))))
}

/** Rooms of one statement. */
const ROOMS_A_PAGE = 1_000

/** The content URIs that are pictures of rooms now. */
export async function roomAvatars(
  queries: Queries,
  avatarType: TypeNid,
  noKey: StateKeyNid,
): Promise<Set<string>> {
  const found = new Set<string>()
  for (let after = 0 as RoomNid; ;) {
    const rows = await queries
      .selectFrom('current_state as state')
      .innerJoin('event', (join) =>
        join.onRef('event.event_nid', '=', 'state.event_nid').onRef('event.room_nid', '=', 'state.room_nid'),
      )
      .select(['state.room_nid', 'event.pdu'])
      .where('state.type_nid', '=', avatarType)
      .where('state.state_key_nid', '=', noKey)
      .where('state.room_nid', '>', after)
      .orderBy('state.room_nid')
      .limit(ROOMS_A_PAGE)
      .execute()
    for (const { room_nid, pdu } of rows) {
      after = room_nid
      for (const uri of namedMedia(pdu)) found.add(uri)
    }
    if (rows.length < ROOMS_A_PAGE) return found
  }
}
