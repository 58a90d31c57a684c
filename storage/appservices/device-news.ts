import { sql } from 'kysely'
import { anyOf } from '../any-of.ts'
import type { Queries } from '../database.ts'
import type { RoomNid, UserNid } from '../numeric-ids.ts'

/** A message that waits for a device of a service's user. */
export interface ServiceMessage {
  readonly userNid: UserNid
  readonly userId: string
  readonly deviceId: string
  readonly seq: number
  /** JSON text. */
  readonly event: string
}

/** A device of a service's user that has keys. */
export interface ServiceDevice {
  readonly userNid: UserNid
  readonly userId: string
  readonly deviceId: string
}

/** Some of a service's users, or all of them. */
export type ServiceUsers = readonly UserNid[] | 'all'

/** The oldest messages for devices of users whom a service has made, each device's in its order. */
export async function messagesForService(
  queries: Queries,
  appserviceId: string,
  users: ServiceUsers,
  limit: number,
): Promise<ServiceMessage[]> {
  return queries
    .selectFrom('account')
    .innerJoin('matrix_user', 'matrix_user.user_nid', 'account.user_nid')
    .innerJoin('to_device_message', 'to_device_message.user_nid', 'account.user_nid')
    .select([
      'account.user_nid as userNid',
      'matrix_user.user_id as userId',
      'to_device_message.device_id as deviceId',
      'to_device_message.seq',
      'to_device_message.event',
    ])
    .where('account.appservice_id', '=', appserviceId)
    .$if(users !== 'all', (query) => query.where('account.user_nid', '=', anyOf(users as readonly UserNid[])))
    .orderBy('to_device_message.stream_pos')
    .orderBy('to_device_message.user_nid')
    .orderBy('to_device_message.device_id')
    .orderBy('to_device_message.seq')
    .limit(limit)
    .execute()
}

/** The devices with keys of users whom a service has made. */
export async function devicesOfService(
  queries: Queries,
  appserviceId: string,
  users: ServiceUsers,
): Promise<ServiceDevice[]> {
  return queries
    .selectFrom('account')
    .innerJoin('matrix_user', 'matrix_user.user_nid', 'account.user_nid')
    .innerJoin('device_key', 'device_key.user_nid', 'account.user_nid')
    .select([
      'account.user_nid as userNid',
      'matrix_user.user_id as userId',
      'device_key.device_id as deviceId',
    ])
    .where('account.appservice_id', '=', appserviceId)
    .$if(users !== 'all', (query) => query.where('account.user_nid', '=', anyOf(users as readonly UserNid[])))
    .execute()
}

/** The rooms that some users are joined to. */
export async function roomsOfUsers(
  queries: Queries,
  userNids: readonly UserNid[],
): Promise<{ userNid: UserNid; roomNid: RoomNid }[]> {
  if (userNids.length === 0) return []
  const { rows } = await sql<{ userNid: UserNid; roomNid: RoomNid }>`
    SELECT user_nid AS "userNid", room_nid AS "roomNid" FROM membership
     WHERE user_nid = ANY(${userNids}::bigint[]) AND membership = 'join' AND NOT outside`.execute(queries)
  return rows
}
