import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { connectionConfig, type DatabaseAddress } from '../database.ts'
import { BatchExchange } from './batch-exchange.ts'
import { batchStatements, type PendingWrite } from './batch.ts'
import { COMMIT_LOCK } from './commit-codes.ts'
import type { Statement } from './stream-write.ts'

/** What became of a batch: its last position, or the statement error that rolled it back. */
export type BatchOutcome = { readonly last: number } | { readonly failed: Error }

/** A batch whose COMMIT may or may not have happened, because the connection was lost. */
export class InDoubtError extends Error {
  readonly batchId: string
  constructor(batchId: string, cause: unknown) {
    super('the connection to the database was lost before the commit was confirmed', { cause })
    this.batchId = batchId
  }
}

const TAKE_POSITIONS = {
  name: 'take-positions',
  text: 'SELECT take_positions($1, $2, $3, $4, $5, $6) AS last',
}

/**
 * Every statement of a batch goes by keys, from a few rows to a few rows, whatever the tables hold: it is planned once.
 * PostgreSQL by itself plans it at each execution, because it takes a plan for one row to be dearer than it is,
 * which costs more than to run it; and one that it keeps from when a table was empty would read the whole table.
 */
const PLANNING = `SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off;
  SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off`

/**
 * The committer's own connection. A batch costs one round trip.
 * Opening it raises the writer's epoch under the commit lock: a batch that an earlier connection left behind
 * either committed before, or never will.
 */
export class CommitConnection {
  readonly #client: pg.Client
  readonly #writer: string
  readonly #epoch: number
  /** Names of the statements that the connection knows. */
  readonly #prepared = new Set<string>()

  private constructor(client: pg.Client, writer: string, epoch: number) {
    this.#client = client
    this.#writer = writer
    this.#epoch = epoch
  }

  /** @param onLost told when the connection that was opened has ended, for whatever reason. */
  static async open(
    address: DatabaseAddress,
    writer: string,
    onLost: (connection: CommitConnection) => void,
  ): Promise<CommitConnection> {
    const client = new pg.Client(connectionConfig(address))
    let opened: CommitConnection | undefined
    const lost = (): void => void (opened && onLost(opened))
    client.on('error', lost)
    client.on('end', lost)
    try {
      await client.connect()
      await client.query(PLANNING)
      opened = new CommitConnection(client, writer, await raiseEpoch(client, writer))
      return opened
    } catch (error) {
      await client.end().catch(() => undefined)
      throw error
    }
  }

  /** The last position of a batch if it was committed. Definitive for batches of earlier connections. */
  async findBatch(batchId: string): Promise<number | undefined> {
    const { rows } = await this.#client.query<{ last_position: number }>(
      'SELECT last_position FROM stream_commit WHERE batch_id = $1',
      [batchId],
    )
    return rows[0]?.last_position
  }

  /** The head of the stream: the last position of the newest committed batch, 0 in a new database. */
  async head(): Promise<number> {
    const { rows } = await this.#client.query<{ head: number }>(
      'SELECT coalesce(max(last_position), 0)::bigint AS head FROM stream_commit',
    )
    return rows[0]!.head
  }

  /**
   * Writes a batch in one transaction.
   *
   * @throws InDoubtError when the connection broke, whatever had been sent by then.
   */
  async write(writes: readonly PendingWrite[]): Promise<BatchOutcome> {
    const batchId = randomUUID()
    const { before, after, leases } = batchStatements(writes)
    const take: Statement = {
      ...TAKE_POSITIONS,
      values: [
        this.#writer,
        this.#epoch,
        batchId,
        writes.length,
        leases.map((lease) => lease.roomNid),
        leases.map((lease) => lease.token),
      ],
    }
    const end = await BatchExchange.run(this.#client, [...before, take, ...after], this.#prepared)
    if (end.kind === 'undecided') throw new InDoubtError(batchId, end.error)
    return end.kind === 'rolled-back' ? { failed: end.error } : { last: Number(end.answer) }
  }

  async close(): Promise<void> {
    await this.#client.end()
  }
}

async function raiseEpoch(client: pg.Client, writer: string): Promise<number> {
  await client.query('BEGIN')
  await client.query('SELECT pg_advisory_xact_lock($1)', [COMMIT_LOCK])
  const { rows } = await client.query<{ epoch: number }>(
    `INSERT INTO stream_writer (writer, epoch) VALUES ($1, 1)
     ON CONFLICT (writer) DO UPDATE SET epoch = stream_writer.epoch + 1 RETURNING epoch`,
    [writer],
  )
  await client.query('COMMIT')
  return rows[0]!.epoch
}
