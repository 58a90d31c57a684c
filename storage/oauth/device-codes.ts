import type { Queries } from '../database.ts'
import type { UserNid } from '../numeric-ids.ts'

/** A device authorisation under way. */
export interface DeviceCode {
  readonly userCode: string
  readonly clientId: string
  readonly scope: string
  /** Milliseconds since the epoch. */
  readonly createdTs: number
  readonly userNid: UserNid | null
  /** Null until the user has decided. */
  readonly granted: boolean | null
  /** Under which session of an identity provider it was granted. */
  readonly ssoSession: Buffer | null
}

const COLUMNS = [
  'user_code as userCode',
  'client_id as clientId',
  'scope',
  'created_ts as createdTs',
  'user_nid as userNid',
  'granted',
  'sso_session as ssoSession',
] as const

/** Stores a new one. Returns false when the user code is taken. */
export async function insertDeviceCode(
  queries: Queries,
  codeHash: Buffer,
  code: Pick<DeviceCode, 'userCode' | 'clientId' | 'scope' | 'createdTs'>,
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await queries
    .insertInto('oauth_device_code')
    .values({
      code_hash: codeHash,
      user_code: code.userCode,
      client_id: code.clientId,
      scope: code.scope,
      created_ts: code.createdTs,
    })
    .onConflict((conflict) => conflict.column('user_code').doNothing())
    .executeTakeFirst()
  return (numInsertedOrUpdatedRows ?? 0n) > 0n
}

/** What the user code stands for, while nobody has decided and it was made after `since`. */
export async function findOpenUserCode(
  queries: Queries,
  userCode: string,
  since: number,
): Promise<DeviceCode | undefined> {
  return queries
    .selectFrom('oauth_device_code')
    .select(COLUMNS)
    .where('user_code', '=', userCode)
    .where('created_ts', '>', since)
    .where('granted', 'is', null)
    .executeTakeFirst()
}

/** Notes a user's decision. Returns whether it was still open. */
export async function decideDeviceCode(
  queries: Queries,
  userCode: string,
  userNid: UserNid,
  granted: boolean,
  ssoSession: Buffer | undefined,
): Promise<boolean> {
  const { numUpdatedRows } = await queries
    .updateTable('oauth_device_code')
    .set({ user_nid: userNid, granted, sso_session: ssoSession ?? null })
    .where('user_code', '=', userCode)
    .where('granted', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Notes that the client asks. Returns the authorisation with the time of the question before, 0 for none. */
export async function pollDeviceCode(
  queries: Queries,
  codeHash: Buffer,
  now: number,
): Promise<(DeviceCode & { polledTs: number }) | undefined> {
  return queries.transaction().execute(async (transaction) => {
    const code = await transaction
      .selectFrom('oauth_device_code')
      .select([...COLUMNS, 'polled_ts as polledTs'])
      .where('code_hash', '=', codeHash)
      .forUpdate()
      .executeTakeFirst()
    await transaction
      .updateTable('oauth_device_code')
      .set({ polled_ts: now })
      .where('code_hash', '=', codeHash)
      .execute()
    return code
  })
}

/** Deletes one. Of two callers one gets true. */
export async function deleteDeviceCode(queries: Queries, codeHash: Buffer): Promise<boolean> {
  const { numDeletedRows } = await queries
    .deleteFrom('oauth_device_code')
    .where('code_hash', '=', codeHash)
    .executeTakeFirst()
  return numDeletedRows > 0n
}
