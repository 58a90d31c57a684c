import type { Queries } from '../database.ts'
import type { RoomNid, UserNid } from '../numeric-ids.ts'

/** An alias of this server. */
export interface StoredAlias {
  readonly alias: string
  readonly roomNid: RoomNid
  readonly creatorNid: UserNid
}

/** The room that an alias of this server names. */
export async function findAlias(queries: Queries, alias: string): Promise<StoredAlias | undefined> {
  return queries
    .selectFrom('room_alias')
    .select(['alias', 'room_nid as roomNid', 'creator_nid as creatorNid'])
    .where('alias', '=', alias)
    .executeTakeFirst()
}

/** A room's aliases on this server, by name. */
export async function aliasesOfRoom(queries: Queries, roomNid: RoomNid): Promise<string[]> {
  const rows = await queries
    .selectFrom('room_alias')
    .select('alias')
    .where('room_nid', '=', roomNid)
    .orderBy('alias')
    .execute()
  return rows.map((row) => row.alias)
}

/** Makes an alias; false when the name is taken. `createdTs` is milliseconds since the epoch. */
export async function insertAlias(
  queries: Queries,
  { alias, roomNid, creatorNid }: StoredAlias,
  createdTs: number,
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await queries
    .insertInto('room_alias')
    .values({ alias, room_nid: roomNid, creator_nid: creatorNid, created_ts: createdTs })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return (numInsertedOrUpdatedRows ?? 0n) > 0n
}

/** Removes an alias; false when there was none. */
export async function deleteAlias(queries: Queries, alias: string): Promise<boolean> {
  const { numDeletedRows } = await queries
    .deleteFrom('room_alias')
    .where('alias', '=', alias)
    .executeTakeFirst()
  return numDeletedRows > 0n
}

/** Has all aliases of a room name another one. */
export async function moveAliasesOfRoom(queries: Queries, from: RoomNid, to: RoomNid): Promise<void> {
  await queries.updateTable('room_alias').set({ room_nid: to }).where('room_nid', '=', from).execute()
}
