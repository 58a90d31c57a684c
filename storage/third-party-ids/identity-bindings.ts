import type { Queries } from '../database.ts'
import type { UserNid } from '../numeric-ids.ts'

/** An identifier as it is published at an identity server. */
export interface IdentityBinding {
  readonly medium: 'email' | 'msisdn'
  readonly address: string
  readonly idServer: string
}

/** What a user has published. */
export async function identityBindingsOf(queries: Queries, userNid: UserNid): Promise<IdentityBinding[]> {
  return queries
    .selectFrom('identity_binding')
    .select(['medium', 'address', 'id_server as idServer'])
    .where('user_nid', '=', userNid)
    .orderBy('id_server')
    .execute()
}

/** Notes that an identifier is published. */
export async function putIdentityBinding(
  queries: Queries,
  userNid: UserNid,
  { medium, address, idServer }: IdentityBinding,
): Promise<void> {
  await queries
    .insertInto('identity_binding')
    .values({ user_nid: userNid, medium, address, id_server: idServer })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** Notes that an identifier is published no more. */
export async function deleteIdentityBinding(
  queries: Queries,
  userNid: UserNid,
  { medium, address, idServer }: IdentityBinding,
): Promise<void> {
  await queries
    .deleteFrom('identity_binding')
    .where('user_nid', '=', userNid)
    .where('medium', '=', medium)
    .where('address', '=', address)
    .where('id_server', '=', idServer)
    .execute()
}
