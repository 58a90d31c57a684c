import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { UserNid } from '../numeric-ids.ts'
import { rowsStatement } from '../position/columns.ts'
import type { Statement } from '../position/stream-write.ts'

/** A signature that was uploaded after the key that it is on. */
export interface KeySignature {
  readonly targetNid: UserNid
  /** A device id, or the public key of a master key. */
  readonly targetKey: string
  readonly signerNid: UserNid
  readonly signingKey: string
  readonly signature: string
}

const upsert = rowsStatement<KeySignature>(
  'upsert-key-signatures',
  `INSERT INTO key_signature (target_nid, target_key, signer_nid, signing_key, signature)
   SELECT * FROM @rows AS r(target_nid, target_key, signer_nid, signing_key, signature)
   ON CONFLICT (target_nid, signer_nid, target_key, signing_key) DO UPDATE SET signature = excluded.signature`,
  [
    { type: 'bigint', value: ({ targetNid }) => targetNid },
    { type: 'text', value: ({ targetKey }) => targetKey },
    { type: 'bigint', value: ({ signerNid }) => signerNid },
    { type: 'text', value: ({ signingKey }) => signingKey },
    { type: 'text', value: ({ signature }) => signature },
  ],
)

/** Stores signatures; one of the same key on the same target is replaced. */
export function storeKeySignatures(signatures: readonly KeySignature[]): readonly Statement[] {
  return upsert([...new Map(signatures.map((one) => [nameOf(one), one])).values()])
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
