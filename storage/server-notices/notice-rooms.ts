import type { Queries } from '../database.ts'
import type { RoomNid, UserNid } from '../numeric-ids.ts'

/** The room in which a user gets the server's notices. */
export async function noticeRoomOf(queries: Queries, userNid: UserNid): Promise<RoomNid | undefined> {
  const row = await queries
    .selectFrom('server_notice_room')
    .select('room_nid')
    .where('user_nid', '=', userNid)
    .executeTakeFirst()
  return row?.room_nid
}

/** From now on a user gets notices in this room. */
export async function setNoticeRoom(queries: Queries, userNid: UserNid, roomNid: RoomNid): Promise<void> {
  await queries
    .insertInto('server_notice_room')
    .values({ user_nid: userNid, room_nid: roomNid })
    .onConflict((conflict) => conflict.column('user_nid').doUpdateSet({ room_nid: roomNid }))
    .execute()
}
