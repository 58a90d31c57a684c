import type { Queries } from '../database.ts'
import type { UserNid } from '../numeric-ids.ts'

/** A mail address of an account. Milliseconds since the epoch. */
export interface ThirdPartyId {
  readonly medium: 'email'
  /** In lower case. */
  readonly address: string
  readonly validatedTs: number
  readonly addedTs: number
}

/** A user's addresses, the oldest first. */
export async function thirdPartyIdsOf(queries: Queries, userNid: UserNid): Promise<ThirdPartyId[]> {
  return queries
    .selectFrom('third_party_id')
    .select(['medium', 'address', 'validated_ts as validatedTs', 'added_ts as addedTs'])
    .where('user_nid', '=', userNid)
    .orderBy('added_ts')
    .orderBy('address')
    .execute()
}

/** Whose an address is; undefined where it is nobody's. */
export async function ownerOf(queries: Queries, address: string): Promise<UserNid | undefined> {
  const row = await queries
    .selectFrom('third_party_id')
    .select('user_nid')
    .where('medium', '=', 'email')
    .where('address', '=', address)
    .executeTakeFirst()
  return row?.user_nid
}

/** Gives an account an address, or its own anew. Returns whether it has it now: an address has one owner. */
export async function putThirdPartyId(
  queries: Queries,
  userNid: UserNid,
  { address, validatedTs, addedTs }: Omit<ThirdPartyId, 'medium'>,
): Promise<boolean> {
  const row = await queries
    .insertInto('third_party_id')
    .values({ medium: 'email', address, user_nid: userNid, validated_ts: validatedTs, added_ts: addedTs })
    .onConflict((conflict) =>
      conflict
        .columns(['medium', 'address'])
        .doUpdateSet({ validated_ts: validatedTs })
        .where('third_party_id.user_nid', '=', userNid),
    )
    .returning('address')
    .executeTakeFirst()
  return row !== undefined
}

/** Takes an address from an account, and the pusher that mails there. */
export async function deleteThirdPartyId(queries: Queries, userNid: UserNid, address: string): Promise<void> {
  await queries.transaction().execute(async (transaction) => {
    await transaction
      .deleteFrom('third_party_id')
      .where('medium', '=', 'email')
      .where('address', '=', address)
      .where('user_nid', '=', userNid)
      .execute()
    await transaction
      .deleteFrom('pusher')
      .where('user_nid', '=', userNid)
      .where('kind', '=', 'email')
      .where('pushkey', '=', address)
      .execute()
  })
}
