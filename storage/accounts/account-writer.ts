import type { Queries } from '../database.ts'
import type { UserNid } from '../numeric-ids.ts'

/** A new account. */
export interface NewAccount {
  readonly userNid: UserNid
  readonly passwordHash: string | null
  readonly admin: boolean
  readonly guest: boolean
  readonly appserviceId: string | null
  readonly createdTs: number
  /** The version of the policies that the user has accepted. */
  readonly consentVersion?: string | undefined
}

/** Stores a new account. Returns false, and changes nothing, when the user id is taken. */
export async function insertAccount(queries: Queries, account: NewAccount): Promise<boolean> {
  const inserted = await queries
    .insertInto('account')
    .values({
      user_nid: account.userNid,
      password_hash: account.passwordHash,
      admin: account.admin,
      guest: account.guest,
      appservice_id: account.appserviceId,
      created_ts: account.createdTs,
      consent_version: account.consentVersion ?? null,
      consent_ts: account.consentVersion === undefined ? null : account.createdTs,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('user_nid')
    .executeTakeFirst()
  return inserted !== undefined
}

/** Notes that an account belongs to an application service. */
export async function claimAccount(queries: Queries, userNid: UserNid, appserviceId: string): Promise<void> {
  await queries
    .updateTable('account')
    .set({ appservice_id: appserviceId })
    .where('user_nid', '=', userNid)
    .where('appservice_id', 'is distinct from', appserviceId)
    .execute()
}

/** What can be changed about an account. */
export interface AccountChange {
  readonly password_hash?: string | null
  readonly admin?: boolean
  readonly deactivated?: boolean
  readonly erased?: boolean
  readonly locked?: boolean
  readonly suspended?: boolean
  readonly consent_version?: string | null
  readonly consent_ts?: number | null
}

/** Changes an account. Sessions in memory must be dropped by the caller. */
export async function updateAccount(
  queries: Queries,
  userNid: UserNid,
  change: AccountChange,
): Promise<void> {
  await queries.updateTable('account').set(change).where('user_nid', '=', userNid).execute()
}

/** Stores a password anew in another form, unless it has been changed or removed since the old form was read. */
export async function replacePasswordHash(
  queries: Queries,
  userNid: UserNid,
  from: string,
  to: string,
): Promise<void> {
  await queries
    .updateTable('account')
    .set({ password_hash: to })
    .where('user_nid', '=', userNid)
    .where('password_hash', '=', from)
    .execute()
}

/** Removes what an account keeps beside its events: profile, filters, account data, threads and open login tokens. */
export async function deletePersonalData(queries: Queries, userNid: UserNid): Promise<void> {
  await queries.deleteFrom('profile_field').where('user_nid', '=', userNid).execute()
  await queries.deleteFrom('filter').where('user_nid', '=', userNid).execute()
  await queries.deleteFrom('account_data').where('user_nid', '=', userNid).execute()
  await queries.deleteFrom('login_token').where('user_nid', '=', userNid).execute()
  await queries.deleteFrom('openid_token').where('user_nid', '=', userNid).execute()
  await queries.deleteFrom('pusher').where('user_nid', '=', userNid).execute()
  await queries.deleteFrom('thread_subscription').where('user_nid', '=', userNid).execute()
  await queries.deleteFrom('third_party_id').where('user_nid', '=', userNid).execute()
}
