import { anyOf } from '../any-of.ts'
import type { Queries } from '../database.ts'
import type { UserNid } from '../numeric-ids.ts'
import type { CrossSigningUsage } from '../schema/cross-signing-key.ts'

/** A cross-signing key of one of this server's users. */
export interface StoredCrossSigningKey {
  readonly userNid: UserNid
  readonly usage: CrossSigningUsage
  /** Unpadded base64. */
  readonly publicKey: string
  readonly content: string
  readonly signatures: string
}

/** The cross-signing keys of users. */
export async function crossSigningKeysOf(
  queries: Queries,
  userNids: readonly UserNid[],
): Promise<StoredCrossSigningKey[]> {
  return queries
    .selectFrom('cross_signing_key')
    .select(['user_nid as userNid', 'usage', 'public_key as publicKey', 'content', 'signatures'])
    .where('user_nid', '=', anyOf(userNids))
    .execute()
}

/** Stores cross-signing keys in the place of a user's former ones; signatures by and on those go with them. */
export async function putCrossSigningKeys(
  queries: Queries,
  userNid: UserNid,
  keys: readonly StoredCrossSigningKey[],
): Promise<void> {
  await queries.transaction().execute(async (transaction) => {
    const replaced = await transaction
      .deleteFrom('cross_signing_key')
      .where('user_nid', '=', userNid)
      .where('usage', '=', anyOf(keys.map(({ usage }) => usage)))
      .returning('public_key')
      .execute()
    await transaction
      .insertInto('cross_signing_key')
      .values(
        keys.map((key) => ({
          user_nid: userNid,
          usage: key.usage,
          public_key: key.publicKey,
          content: key.content,
          signatures: key.signatures,
        })),
      )
      .execute()
    const kept = new Set(keys.map(({ publicKey }) => publicKey))
    const gone = replaced.map((row) => row.public_key).filter((publicKey) => !kept.has(publicKey))
    if (gone.length === 0) return
    await transaction
      .deleteFrom('key_signature')
      .where('target_nid', '=', userNid)
      .where('target_key', '=', anyOf(gone))
      .execute()
    await transaction
      .deleteFrom('key_signature')
      .where('signer_nid', '=', userNid)
      .where('signing_key', '=', anyOf(gone.map((publicKey) => `ed25519:${publicKey}`)))
      .execute()
  })
}

/** Deletes a user's cross-signing keys and all signatures by the user. */
export async function deleteCrossSigningKeys(queries: Queries, userNid: UserNid): Promise<void> {
  await queries.deleteFrom('cross_signing_key').where('user_nid', '=', userNid).execute()
  await queries.deleteFrom('key_signature').where('signer_nid', '=', userNid).execute()
}
