import { sql, type RawBuilder, type SqlBool } from 'kysely'
import type { Queries } from '../database.ts'
import type { Network } from './network-rooms.ts'
import type { RoomNid } from '../numeric-ids.ts'

/** A room's place in the directory, which goes from the largest room to the smallest, the newer of equals first. */
export interface DirectoryPlace {
  readonly joined: number
  readonly roomNid: RoomNid
}

/** Which published rooms are wanted. */
export interface PublishedRoomsFilter {
  /** Text that the room's name, topic or canonical alias holds, in lower case. */
  readonly searchText: string | undefined
  /** Types of rooms, `null` for rooms without; every type when undefined. */
  readonly roomTypes: readonly (string | null)[] | undefined
  /** The directory of one network, or of everything together; the general one when undefined. */
  readonly network: Network | 'all' | undefined
  /** Leaves out rooms that other servers can never join. */
  readonly federatedOnly: boolean
}

/** Where a page begins: right after a place, or so that it ends right before it. */
export interface DirectoryStart {
  readonly side: 'after' | 'before'
  readonly place: DirectoryPlace
}

/** One room of the directory. */
export interface PublishedRoom {
  readonly place: DirectoryPlace
  /** JSON text of what the directory says of it. */
  readonly summary: Buffer
}

/** A page of the directory in its order, from its beginning when `from` is undefined. */
export async function publishedRoomsPage(
  queries: Queries,
  filter: PublishedRoomsFilter,
  from: DirectoryStart | undefined,
  limit: number,
): Promise<PublishedRoom[]> {
  const direction = from?.side === 'before' ? 'asc' : 'desc'
  const rows = await listed(queries, filter)
    .select(['room_nid', 'joined', 'summary'])
    .$if(from !== undefined, (query) => query.where(beyond(from!)))
    .orderBy('joined', direction)
    .orderBy('room_nid', direction)
    .limit(limit)
    .execute()
  if (direction === 'asc') rows.reverse()
  return rows.map((row) => ({
    place: { joined: row.joined, roomNid: row.room_nid },
    summary: row.summary,
  }))
}

/** How many published rooms the filter lets through. */
export async function countPublishedRooms(queries: Queries, filter: PublishedRoomsFilter): Promise<number> {
  const row = await listed(queries, filter)
    .select(({ fn }) => fn.countAll<number>().as('rooms'))
    .executeTakeFirstOrThrow()
  return row.rooms
}

function beyond({ side, place }: DirectoryStart): RawBuilder<SqlBool> {
  const { joined, roomNid } = place
  return side === 'after'
    ? sql<SqlBool>`(joined, room_nid) < (${joined}::bigint, ${roomNid}::bigint)`
    : sql<SqlBool>`(joined, room_nid) > (${joined}::bigint, ${roomNid}::bigint)`
}

function isIn({ appserviceId, networkId }: Network): RawBuilder<SqlBool> {
  return sql<SqlBool>`EXISTS (
    SELECT FROM network_room AS n WHERE n.room_nid = published_room.room_nid
       AND n.appservice_id = ${appserviceId} AND n.network_id = ${networkId})`
}

function listed(queries: Queries, { searchText, roomTypes, federatedOnly, network }: PublishedRoomsFilter) {
  let query = queries.selectFrom('published_room').where(sql<SqlBool>`listed`)
  if (network === undefined) query = query.where('general', '=', true)
  else if (network !== 'all') query = query.where(isIn(network))
  if (federatedOnly) query = query.where('federated', '=', true)
  if (searchText !== undefined) query = query.where(sql<SqlBool>`strpos(search_text, ${searchText}) > 0`)
  if (roomTypes !== undefined) {
    const named = roomTypes.filter((type) => type !== null).map((type) => Buffer.from(type))
    const untyped = roomTypes.includes(null)
    query = query.where(
      sql<SqlBool>`(room_type = ANY(${named}::bytea[]) OR (${untyped}::boolean AND room_type IS NULL))`,
    )
  }
  return query
}
