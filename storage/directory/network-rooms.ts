import type { Queries } from '../database.ts'
import type { RoomNid } from '../numeric-ids.ts'

/** A network that an application service bridges. */
export interface Network {
  readonly appserviceId: string
  readonly networkId: string
}

/** Puts a room into the directory of a network. */
export async function putNetworkRoom(
  queries: Queries,
  { appserviceId, networkId }: Network,
  roomNid: RoomNid,
): Promise<void> {
  await queries
    .insertInto('network_room')
    .values({ appservice_id: appserviceId, network_id: networkId, room_nid: roomNid })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** Takes a room out of the directory of a network. */
export async function deleteNetworkRoom(
  queries: Queries,
  { appserviceId, networkId }: Network,
  roomNid: RoomNid,
): Promise<void> {
  await queries
    .deleteFrom('network_room')
    .where('appservice_id', '=', appserviceId)
    .where('network_id', '=', networkId)
    .where('room_nid', '=', roomNid)
    .execute()
}

/** Has a published room listed in the general directory, or in those of networks alone. */
export async function setGeneral(queries: Queries, roomNid: RoomNid, general: boolean): Promise<void> {
  await queries.updateTable('published_room').set({ general }).where('room_nid', '=', roomNid).execute()
}

/** Forgets a published room that no directory lists any more. Returns whether it was one. */
export async function deleteUnlisted(queries: Queries, roomNid: RoomNid): Promise<boolean> {
  const { numDeletedRows } = await queries
    .deleteFrom('published_room')
    .where('room_nid', '=', roomNid)
    .where('general', '=', false)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('network_room')
            .select('room_nid')
            .whereRef('network_room.room_nid', '=', 'published_room.room_nid'),
        ),
      ),
    )
    .executeTakeFirst()
  return numDeletedRows > 0n
}
