import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { UserNid } from '../numeric-ids.ts'

/** A user-interactive authentication under way. */
export interface UiaSession {
  readonly sessionId: string
  /** The endpoint, and the user where there is one, that the session authenticates for. */
  readonly purpose: string
  readonly completed: readonly string[]
  readonly registrationToken: string | null
  readonly createdTs: number
  /** Who has to authenticate; null in a registration. */
  readonly userNid: UserNid | null
  /** The session of the mail that completed a stage. */
  readonly addressProof: string | null
}

/** Starts a session. */
export async function insertUiaSession(
  queries: Queries,
  session: Pick<UiaSession, 'sessionId' | 'purpose' | 'createdTs' | 'userNid'>,
): Promise<void> {
  await queries
    .insertInto('uia_session')
    .values({
      session_id: session.sessionId,
      purpose: session.purpose,
      created_ts: session.createdTs,
      registration_token: null,
      user_nid: session.userNid,
      address_proof: null,
    })
    .execute()
}

/** A session, or undefined. */
export async function findUiaSession(queries: Queries, sessionId: string): Promise<UiaSession | undefined> {
  return queries
    .selectFrom('uia_session')
    .select([
      'session_id as sessionId',
      'purpose',
      'completed',
      'registration_token as registrationToken',
      'created_ts as createdTs',
      'user_nid as userNid',
      'address_proof as addressProof',
    ])
    .where('session_id', '=', sessionId)
    .executeTakeFirst()
}

/** Notes a completed stage, with the registration token or the session of the mail that completed it. */
export async function completeUiaStage(
  queries: Queries,
  sessionId: string,
  stage: string,
  by: { readonly registrationToken?: string | undefined; readonly addressProof?: string | undefined },
): Promise<void> {
  await queries
    .updateTable('uia_session')
    .set({
      completed: sql`array_append(array_remove(completed, ${stage}), ${stage})`,
      ...(by.registrationToken !== undefined && { registration_token: by.registrationToken }),
      ...(by.addressProof !== undefined && { address_proof: by.addressProof }),
    })
    .where('session_id', '=', sessionId)
    .execute()
}

/** Ends a session. Returns whether it was there: of two callers one gets true. */
export async function deleteUiaSession(queries: Queries, sessionId: string): Promise<boolean> {
  const { numDeletedRows } = await queries
    .deleteFrom('uia_session')
    .where('session_id', '=', sessionId)
    .executeTakeFirst()
  return numDeletedRows > 0n
}

/** Deletes the sessions that began before `ts`. */
export async function deleteUiaSessionsBefore(queries: Queries, ts: number): Promise<void> {
  await queries.deleteFrom('uia_session').where('created_ts', '<', ts).execute()
}
