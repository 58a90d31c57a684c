import type { Queries } from '../database.ts'
import { sql } from 'kysely'

/** A token that allows a registration. */
export interface RegistrationToken {
  readonly token: string
  /** How many accounts may be made with it; null for any number. */
  readonly usesAllowed: number | null
  /** Milliseconds since the epoch; null for ever. */
  readonly expiresTs: number | null
  /** Whether the account that is made with it administers the server. */
  readonly makesAdmin: boolean
}

/** Stores a token. Returns false when it exists already. */
export async function insertRegistrationToken(queries: Queries, token: RegistrationToken): Promise<boolean> {
  const inserted = await queries
    .insertInto('registration_token')
    .values({
      token: token.token,
      uses_allowed: token.usesAllowed,
      expires_ts: token.expiresTs,
      makes_admin: token.makesAdmin,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('token')
    .executeTakeFirst()
  return inserted !== undefined
}

/** Whether a token could be used at `now`. */
export async function isRegistrationTokenValid(
  queries: Queries,
  token: string,
  now: number,
): Promise<boolean> {
  const row = await queries
    .selectFrom('registration_token')
    .select('token')
    .where('token', '=', token)
    .where((where) => where.or([where('expires_ts', 'is', null), where('expires_ts', '>', now)]))
    .where((where) =>
      where.or([where('uses_allowed', 'is', null), where('completed', '<', where.ref('uses_allowed'))]),
    )
    .executeTakeFirst()
  return row !== undefined
}

/**
 * Uses a token up by one, in the transaction that makes the account.
 *
 * @returns undefined when it is used up or expired, else whether the account is to administer the server.
 */
export async function useRegistrationToken(
  transaction: Queries,
  token: string,
  now: number,
): Promise<{ makesAdmin: boolean } | undefined> {
  const row = await transaction
    .updateTable('registration_token')
    .set({ completed: sql`completed + 1` })
    .where('token', '=', token)
    .where((where) => where.or([where('expires_ts', 'is', null), where('expires_ts', '>', now)]))
    .where((where) =>
      where.or([where('uses_allowed', 'is', null), where('completed', '<', where.ref('uses_allowed'))]),
    )
    .returning('makes_admin')
    .executeTakeFirst()
  return row && { makesAdmin: row.makes_admin }
}
