import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { UserNid } from '../numeric-ids.ts'

/** A user's dehydrated device. */
export interface DehydratedDevice {
  readonly deviceId: string
  /** JSON text of an object. */
  readonly deviceData: string
}

/** Undefined when a user has none. */
export function findDehydratedDevice(
  queries: Queries,
  userNid: UserNid,
): Promise<DehydratedDevice | undefined> {
  return queries
    .selectFrom('dehydrated_device')
    .select(['device_id as deviceId', 'device_data as deviceData'])
    .where('user_nid', '=', userNid)
    .executeTakeFirst()
}

/** Makes an existing device the user's dehydrated one. Returns the id of the one before. */
export async function setDehydratedDevice(
  queries: Queries,
  userNid: UserNid,
  { deviceId, deviceData }: DehydratedDevice,
): Promise<string | undefined> {
  return queries.transaction().execute(async (transaction) => {
    // Of two at once, the second must learn of the first.
    await sql`SELECT 1 FROM account WHERE user_nid = ${userNid} FOR NO KEY UPDATE`.execute(transaction)
    const previous = await findDehydratedDevice(transaction, userNid)
    const row = { device_id: deviceId, device_data: deviceData }
    await transaction
      .insertInto('dehydrated_device')
      .values({ user_nid: userNid, ...row })
      .onConflict((conflict) => conflict.column('user_nid').doUpdateSet(row))
      .execute()
    return previous?.deviceId
  })
}
