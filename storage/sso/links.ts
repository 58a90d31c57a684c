import type { Queries } from '../database.ts'
import type { UserNid } from '../numeric-ids.ts'

/** The account that an identity of a provider signs in to, or undefined. */
export async function findLinkedUser(queries: Queries, idpId: string, subject: string) {
  return queries
    .selectFrom('sso_link')
    .innerJoin('account', 'account.user_nid', 'sso_link.user_nid')
    .innerJoin('matrix_user', 'matrix_user.user_nid', 'sso_link.user_nid')
    .select([
      'sso_link.user_nid as userNid',
      'matrix_user.user_id as userId',
      'account.deactivated',
      'account.locked',
    ])
    .where('sso_link.idp_id', '=', idpId)
    .where('sso_link.subject', '=', subject)
    .executeTakeFirst()
}

/** Links an identity to an account. Returns false, and changes nothing, when it is linked already. */
export async function insertLink(
  queries: Queries,
  link: { idpId: string; subject: string; userNid: UserNid; createdTs: number },
): Promise<boolean> {
  const inserted = await queries
    .insertInto('sso_link')
    .values({
      idp_id: link.idpId,
      subject: link.subject,
      user_nid: link.userNid,
      created_ts: link.createdTs,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('subject')
    .executeTakeFirst()
  return inserted !== undefined
}

/** The providers that a user can sign in with. */
export async function providersOf(queries: Queries, userNid: UserNid): Promise<string[]> {
  const rows = await queries
    .selectFrom('sso_link')
    .select('idp_id')
    .distinct()
    .where('user_nid', '=', userNid)
    .execute()
  return rows.map((row) => row.idp_id)
}
