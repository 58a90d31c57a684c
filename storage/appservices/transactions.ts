import { sql } from 'kysely'
import { anyOf } from '../any-of.ts'
import type { Queries } from '../database.ts'
import type { UserNid } from '../numeric-ids.ts'
import type { StreamPosition } from '../position/position.ts'

/** A transaction that is sent until it is acknowledged, never changed. */
export interface PendingTransaction {
  readonly number: number
  /** JSON text. */
  readonly body: Buffer
  /** How far the service is told once it has it. */
  readonly until: StreamPosition
}

/** How far a service has been told. */
export interface ServiceProgress {
  readonly place: StreamPosition
  readonly number: number
  readonly pending: PendingTransaction | undefined
}

/** A message to a device that a transaction carries. */
export interface CarriedMessage {
  readonly userNid: UserNid
  readonly deviceId: string
  readonly seq: number
}

/** The progress of a service; one that is new begins at `head`. */
export async function openProgress(
  queries: Queries,
  appserviceId: string,
  head: StreamPosition,
): Promise<ServiceProgress> {
  await queries
    .insertInto('appservice_transaction')
    .values({ appservice_id: appserviceId, place: head, body: null, until_pos: null })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const { place, number, body, until_pos } = await queries
    .selectFrom('appservice_transaction')
    .select(['place', 'number', 'body', 'until_pos'])
    .where('appservice_id', '=', appserviceId)
    .executeTakeFirstOrThrow()
  const pending = body === null || until_pos === null ? undefined : { number, body, until: until_pos }
  return { place, number, pending }
}

/**
 * Stores the next transaction, which acknowledges the one before it. Messages to devices move into it from their
 * inboxes, so that nothing tells them again.
 */
export async function savePending(
  queries: Queries,
  appserviceId: string,
  place: StreamPosition,
  { number, body, until }: PendingTransaction,
  carried: readonly CarriedMessage[],
): Promise<void> {
  const save = (to: Queries) =>
    to
      .updateTable('appservice_transaction')
      .set({ place, number, body, until_pos: until })
      .where('appservice_id', '=', appserviceId)
      .execute()
  if (carried.length === 0) {
    await save(queries)
    return
  }
  await queries.transaction().execute(async (transaction) => {
    await sql`
      DELETE FROM to_device_message AS m
       USING unnest(${carried.map(({ userNid }) => userNid)}::bigint[],
                    ${carried.map(({ deviceId }) => deviceId)}::text[],
                    ${carried.map(({ seq }) => seq)}::bigint[]) AS c(user_nid, device_id, seq)
       WHERE m.user_nid = c.user_nid AND m.device_id = c.device_id AND m.seq = c.seq`.execute(transaction)
    await save(transaction)
  })
}

/** Notes that everything up to a place is told, and that no transaction waits. */
export async function savePlace(
  queries: Queries,
  appserviceId: string,
  place: StreamPosition,
): Promise<void> {
  await queries
    .updateTable('appservice_transaction')
    .set({ place, body: null, until_pos: null })
    .where('appservice_id', '=', appserviceId)
    .execute()
}

/** Forgets services that are registered no more. */
export async function forgetOtherServices(queries: Queries, kept: readonly string[]): Promise<void> {
  await queries
    .deleteFrom('appservice_transaction')
    .where(({ not, eb }) => not(eb('appservice_id', '=', anyOf(kept))))
    .execute()
}
