import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { UserNid } from '../numeric-ids.ts'
import { POSITION_SQL, rowsStatement } from '../position/columns.ts'
import { itemOf, type CommittedWrite } from '../position/committed-write.ts'
import type { StreamPosition } from '../position/position.ts'
import type { Positioned, StreamWriteKind } from '../position/stream-write.ts'

/** A signature that was uploaded after the key that it is on. */
export interface KeySignature {
  readonly targetNid: UserNid
  /** A device id, or the public key of a master key. */
  readonly targetKey: string
  readonly signerNid: UserNid
  readonly signingKey: string
  readonly signature: string
}

const upsert = rowsStatement<Positioned<KeySignature>>(
  'upsert-key-signatures',
  `INSERT INTO key_signature (target_nid, target_key, signer_nid, signing_key, signature, stream_pos)
   SELECT target_nid, target_key, signer_nid, signing_key, signature, ${POSITION_SQL}
     FROM @rows AS r(target_nid, target_key, signer_nid, signing_key, signature, back)
   ON CONFLICT (target_nid, signer_nid, target_key, signing_key) DO UPDATE
     SET signature = excluded.signature, stream_pos = excluded.stream_pos`,
  [
    { type: 'bigint', value: ({ item }) => item.targetNid },
    { type: 'text', value: ({ item }) => item.targetKey },
    { type: 'bigint', value: ({ item }) => item.signerNid },
    { type: 'text', value: ({ item }) => item.signingKey },
    { type: 'text', value: ({ item }) => item.signature },
    { type: 'bigint', value: ({ back }) => back },
  ],
)

/** Signatures of one signer, which only the signer's devices are told of by their position. */
export const KEY_SIGNATURES: StreamWriteKind<readonly KeySignature[]> = {
  name: 'key-signatures',
  after(items) {
    const all = items.flatMap(({ item, back }) => item.map((one) => ({ item: one, back })))
    return upsert([...new Map(all.map((entry) => [nameOf(entry.item), entry])).values()])
  },
}

/** The signatures that a commit listener is told of; undefined for writes of other kinds. */
export function keySignaturesOf(committed: CommittedWrite): readonly KeySignature[] | undefined {
  return itemOf(KEY_SIGNATURES, committed)
}

/** Users whose keys someone has signed in a stretch of the stream. */
export async function usersSignedBy(
  queries: Queries,
  signerNid: UserNid,
  after: StreamPosition,
  upTo: StreamPosition,
): Promise<UserNid[]> {
  const rows = await queries
    .selectFrom('key_signature')
    .select('target_nid')
    .distinct()
    .where('signer_nid', '=', signerNid)
    .where('stream_pos', '>', after)
    .where('stream_pos', '<=', upTo)
    .execute()
  return rows.map((row) => row.target_nid)
}

/** The signatures on users' keys that someone may see: the users' own and the viewer's. */
export async function keySignaturesOn(
  queries: Queries,
  targetNids: readonly UserNid[],
  viewerNid: UserNid | undefined,
): Promise<KeySignature[]> {
  const { rows } = await sql<KeySignature>`
    SELECT target_nid AS "targetNid", target_key AS "targetKey", signer_nid AS "signerNid",
      signing_key AS "signingKey", signature
      FROM key_signature
     WHERE target_nid = ANY(${targetNids}::bigint[])
       AND (signer_nid = target_nid OR signer_nid = ${viewerNid ?? null}::bigint)`.execute(queries)
  return rows
}

function nameOf({ targetNid, targetKey, signerNid, signingKey }: KeySignature): string {
  return `${targetNid}/${signerNid}/${targetKey}/${signingKey}`
}
