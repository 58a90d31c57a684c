import { anyOf } from '../any-of.ts'
import type { Queries } from '../database.ts'
import type { UserNid } from '../numeric-ids.ts'
import { rowsStatement, type Column } from '../position/columns.ts'
import type { Statement } from '../position/stream-write.ts'
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

const columns: readonly Column<StoredCrossSigningKey>[] = [
  { type: 'bigint', value: ({ userNid }) => userNid },
  { type: 'text', value: ({ usage }) => usage },
  { type: 'text', value: ({ publicKey }) => publicKey },
  { type: 'text', value: ({ content }) => content },
  { type: 'text', value: ({ signatures }) => signatures },
]

const deleteSignatures = rowsStatement<StoredCrossSigningKey>(
  'delete-signatures-of-replaced-keys',
  `DELETE FROM key_signature AS signature USING (
     SELECT old.user_nid, old.public_key
       FROM @rows AS r(user_nid, usage, public_key, content, signatures)
       JOIN cross_signing_key AS old ON old.user_nid = r.user_nid AND old.usage = r.usage
      WHERE old.public_key <> r.public_key
   ) AS gone
   WHERE (signature.target_nid = gone.user_nid AND signature.target_key = gone.public_key)
      OR (signature.signer_nid = gone.user_nid AND signature.signing_key = 'ed25519:' || gone.public_key)`,
  columns,
)

const upsert = rowsStatement<StoredCrossSigningKey>(
  'upsert-cross-signing-keys',
  `INSERT INTO cross_signing_key (user_nid, usage, public_key, content, signatures)
   SELECT * FROM @rows AS r(user_nid, usage, public_key, content, signatures)
   ON CONFLICT (user_nid, usage) DO UPDATE SET public_key = excluded.public_key, content = excluded.content,
     signatures = excluded.signatures`,
  columns,
)

/** Stores cross-signing keys in the place of users' former ones; signatures by and on those go with them. */
export function storeCrossSigningKeys(given: readonly StoredCrossSigningKey[]): readonly Statement[] {
  const keys = [...new Map(given.map((key) => [`${key.userNid}/${key.usage}`, key])).values()]
  return [...deleteSignatures(keys), ...upsert(keys)]
}

/** Deletes a user's cross-signing keys and all signatures by the user. */
export async function deleteCrossSigningKeys(queries: Queries, userNid: UserNid): Promise<void> {
  await queries.deleteFrom('cross_signing_key').where('user_nid', '=', userNid).execute()
  await queries.deleteFrom('key_signature').where('signer_nid', '=', userNid).execute()
}
