import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { UserNid } from '../numeric-ids.ts'

/** A signature that was uploaded after the key that it is on. */
export interface KeySignature {
  readonly targetNid: UserNid
  /** A device id, or the public key of a master key. */
  readonly targetKey: string
  readonly signerNid: UserNid
  readonly signingKey: string
  readonly signature: string
}

/**
 * Stores signatures; one of the same key on the same target is replaced.
 *
 * @returns the targets of those that are new or other than before.
 */
export async function putKeySignatures(
  queries: Queries,
  signatures: readonly KeySignature[],
): Promise<Pick<KeySignature, 'targetNid' | 'targetKey'>[]> {
  if (signatures.length === 0) return []
  const { rows } = await sql<Pick<KeySignature, 'targetNid' | 'targetKey'>>`
    INSERT INTO key_signature AS known (target_nid, target_key, signer_nid, signing_key, signature)
    SELECT * FROM unnest(
      ${signatures.map((one) => one.targetNid)}::bigint[], ${signatures.map((one) => one.targetKey)}::text[],
      ${signatures.map((one) => one.signerNid)}::bigint[], ${signatures.map((one) => one.signingKey)}::text[],
      ${signatures.map((one) => one.signature)}::text[])
      AS rows(target_nid, target_key, signer_nid, signing_key, signature)
     ORDER BY target_nid, signer_nid, target_key, signing_key
    ON CONFLICT (target_nid, signer_nid, target_key, signing_key) DO UPDATE SET signature = excluded.signature
      WHERE known.signature <> excluded.signature
    RETURNING target_nid AS "targetNid", target_key AS "targetKey"`.execute(queries)
  return rows
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
