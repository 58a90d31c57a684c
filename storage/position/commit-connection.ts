import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { connectionConfig, type DatabaseAddress } from '../database.ts'
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
 * The committer's own connection. Statements of a batch are pipelined, so a batch costs one round trip.
 * Opening it raises the writer's epoch under the commit lock: a batch that an earlier connection left behind
 * either committed before, or never will.
 */
export class CommitConnection {
  readonly #client: pg.Client
  readonly #writer: string
  readonly #epoch: number

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
    const client = new pg.Client({ ...connectionConfig(address), pipeline: true })
    let opened: CommitConnection | undefined
    const lost = (): void => void (opened && onLost(opened))
    client.on('error', lost)
    client.on('end', lost)
    try {
      await client.connect()
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
    const sent = [
      this.#client.query('BEGIN'),
      ...before.map((statement) => this.#send(statement)),
      this.#send(take),
      ...after.map((statement) => this.#send(statement)),
      this.#client.query('COMMIT'),
    ]
    const settled = await Promise.allSettled(sent)
    const failure = settled.find((result) => result.status === 'rejected')
    const commit = settled.at(-1)!
    if (commit.status === 'rejected') throw new InDoubtError(batchId, commit.reason)
    if (failure) return { failed: toError(failure.reason) }
    if (commit.value.command !== 'COMMIT') return { failed: new Error('the database rolled the batch back') }
    const taken = settled[1 + before.length]!
    if (taken.status === 'rejected') return { failed: toError(taken.reason) }
    const row: { last: number } = taken.value.rows[0]
    return { last: row.last }
  }

  async close(): Promise<void> {
    await this.#client.end()
  }

  #send({ name, text, values }: Statement): Promise<pg.QueryResult> {
    return this.#client.query({ name, text, values: [...values] })
  }
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason))
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
