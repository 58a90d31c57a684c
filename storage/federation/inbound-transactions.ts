import type { Queries } from '../database.ts'

/** A transaction that has been answered. */
export interface AnsweredTransaction {
  readonly serverName: string
  /** SHA-256 of the transaction id. */
  readonly txnIdHash: Buffer
  /** The answer, JSON. */
  readonly response: Buffer
  /** Milliseconds since the epoch. */
  readonly receivedTs: number
}

/** The answer that a server's transaction has had, when it is the last one that the server sent. */
export async function answerOf(
  queries: Queries,
  serverName: string,
  txnIdHash: Buffer,
): Promise<Buffer | undefined> {
  const row = await queries
    .selectFrom('inbound_transaction')
    .select('response')
    .where('server_name', '=', serverName)
    .where('txn_id_hash', '=', txnIdHash)
    .executeTakeFirst()
  return row?.response
}

/**
 * Remembers an answer in place of the server's one before: a server sends the next transaction only when it has
 * had the answer to the last (server-server API, `PUT /send/{txnId}`).
 */
export async function rememberAnswer(queries: Queries, answered: AnsweredTransaction): Promise<void> {
  await queries
    .insertInto('inbound_transaction')
    .values({
      server_name: answered.serverName,
      txn_id_hash: answered.txnIdHash,
      response: answered.response,
      received_ts: answered.receivedTs,
    })
    .onConflict((conflict) =>
      conflict.column('server_name').doUpdateSet((row) => ({
        txn_id_hash: row.ref('excluded.txn_id_hash'),
        response: row.ref('excluded.response'),
        received_ts: row.ref('excluded.received_ts'),
      })),
    )
    .execute()
}
