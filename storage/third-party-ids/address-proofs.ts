import type { Queries } from '../database.ts'
import type { AddressProofTable } from '../schema/address-proof.ts'

/** What an address is to be proved for. */
export type ProofPurpose = AddressProofTable['purpose']

/** A proof under way that somebody reads the mail of an address. Milliseconds since the epoch. */
export interface AddressProof {
  readonly sessionId: string
  readonly purpose: ProofPurpose
  readonly address: string
  readonly clientSecretHash: Buffer
  readonly sendAttempt: number
  readonly nextLink: string | null
  readonly createdTs: number
  readonly validatedTs: number | null
}

const COLUMNS = [
  'session_id as sessionId',
  'purpose',
  'address',
  'client_secret_hash as clientSecretHash',
  'send_attempt as sendAttempt',
  'next_link as nextLink',
  'created_ts as createdTs',
  'validated_ts as validatedTs',
] as const

/**
 * Begins a proof, or goes on with the one that the same client has begun.
 *
 * @returns its session, and whether a mail is to be sent: not for an attempt that was made already.
 */
export async function beginProof(
  queries: Queries,
  proof: Omit<AddressProof, 'validatedTs'>,
): Promise<{ readonly sessionId: string; readonly isNew: boolean }> {
  const row = await queries
    .insertInto('address_proof')
    .values({
      session_id: proof.sessionId,
      purpose: proof.purpose,
      address: proof.address,
      client_secret_hash: proof.clientSecretHash,
      send_attempt: proof.sendAttempt,
      next_link: proof.nextLink,
      created_ts: proof.createdTs,
      validated_ts: null,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['purpose', 'address', 'client_secret_hash'])
        .doUpdateSet({
          send_attempt: proof.sendAttempt,
          next_link: proof.nextLink,
          created_ts: proof.createdTs,
        })
        .where('address_proof.send_attempt', '<', proof.sendAttempt),
    )
    .returning('session_id')
    .executeTakeFirst()
  if (row) return { sessionId: row.session_id, isNew: true }
  const { session_id } = await queries
    .selectFrom('address_proof')
    .select('session_id')
    .where('purpose', '=', proof.purpose)
    .where('address', '=', proof.address)
    .where('client_secret_hash', '=', proof.clientSecretHash)
    .executeTakeFirstOrThrow()
  return { sessionId: session_id, isNew: false }
}

/** A proof by its session. */
export async function findProof(queries: Queries, sessionId: string): Promise<AddressProof | undefined> {
  return queries
    .selectFrom('address_proof')
    .select(COLUMNS)
    .where('session_id', '=', sessionId)
    .executeTakeFirst()
}

/** Notes that the mail has been read. */
export async function validateProof(queries: Queries, sessionId: string, now: number): Promise<void> {
  await queries
    .updateTable('address_proof')
    .set({ validated_ts: now })
    .where('session_id', '=', sessionId)
    .where('validated_ts', 'is', null)
    .execute()
}

/** Uses a proof up. Returns whether it was there: of two callers one gets true. */
export async function deleteProof(queries: Queries, sessionId: string): Promise<boolean> {
  const { numDeletedRows } = await queries
    .deleteFrom('address_proof')
    .where('session_id', '=', sessionId)
    .executeTakeFirst()
  return numDeletedRows > 0n
}

/** Deletes the proofs that began before `ts`. */
export async function deleteProofsBefore(queries: Queries, ts: number): Promise<void> {
  await queries.deleteFrom('address_proof').where('created_ts', '<', ts).execute()
}
