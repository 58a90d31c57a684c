import type { Queries } from '../database.ts'

/** What a browser that holds the step's secret is about to do. */
export interface SsoStep {
  readonly kind: string
  /** JSON text. */
  readonly payload: string
  /** Milliseconds since the epoch. */
  readonly createdTs: number
}

/** Stores a step. */
export async function insertStep(queries: Queries, tokenHash: Buffer, step: SsoStep): Promise<void> {
  await queries
    .insertInto('sso_step')
    .values({ token_hash: tokenHash, kind: step.kind, payload: step.payload, created_ts: step.createdTs })
    .execute()
}

/** A step that stays, or undefined. */
export async function findStep(queries: Queries, tokenHash: Buffer): Promise<SsoStep | undefined> {
  return queries
    .selectFrom('sso_step')
    .select(['kind', 'payload', 'created_ts as createdTs'])
    .where('token_hash', '=', tokenHash)
    .executeTakeFirst()
}

/** Uses a step up: of two callers one gets it. */
export async function takeStep(queries: Queries, tokenHash: Buffer): Promise<SsoStep | undefined> {
  return queries
    .deleteFrom('sso_step')
    .where('token_hash', '=', tokenHash)
    .returning(['kind', 'payload', 'created_ts as createdTs'])
    .executeTakeFirst()
}
