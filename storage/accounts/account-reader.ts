import type { Queries } from '../database.ts'
import type { UserNid } from '../numeric-ids.ts'

/** An account as it is stored, without its secrets. */
export interface Account {
  readonly userNid: UserNid
  readonly userId: string
  readonly admin: boolean
  readonly guest: boolean
  readonly deactivated: boolean
  readonly locked: boolean
  readonly suspended: boolean
  /** Milliseconds since the epoch. */
  readonly createdTs: number
}

/** The account of a local user, or undefined. */
export async function findAccount(queries: Queries, userId: string): Promise<Account | undefined> {
  return queries
    .selectFrom('account')
    .innerJoin('matrix_user', 'matrix_user.user_nid', 'account.user_nid')
    .select([
      'account.user_nid as userNid',
      'matrix_user.user_id as userId',
      'account.admin',
      'account.guest',
      'account.deactivated',
      'account.locked',
      'account.suspended',
      'account.created_ts as createdTs',
    ])
    .where('matrix_user.user_id', '=', userId)
    .executeTakeFirst()
}

/** The stored password hash, or null when the account has none or does not exist. */
export async function passwordHashOf(queries: Queries, userNid: UserNid): Promise<string | null> {
  const row = await queries
    .selectFrom('account')
    .select('password_hash')
    .where('user_nid', '=', userNid)
    .where('deactivated', '=', false)
    .executeTakeFirst()
  return row?.password_hash ?? null
}

/** Whether any account may administer this server. */
export async function hasAdmin(queries: Queries): Promise<boolean> {
  const row = await queries
    .selectFrom('account')
    .select('user_nid')
    .where('admin', '=', true)
    .where('deactivated', '=', false)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}
