import pg from 'pg'
import { parameterText } from './parameter-text.ts'
import type { Statement } from './stream-write.ts'

/** How an exchange ended. `undecided`: it may have been committed, because its end was never heard. */
export type ExchangeEnd =
  | { readonly kind: 'committed'; readonly answer: string | undefined }
  | { readonly kind: 'rolled-back'; readonly error: Error }
  | { readonly kind: 'undecided'; readonly error: Error }

type Encoded = Omit<Statement, 'values'> & { readonly values: (string | Buffer | null)[] }

/**
 * Statements that are sent in one write and answered in one: all of them stand before a single Sync, which makes
 * them one transaction and commits it (PostgreSQL, "Message Flow", "Pipelining"). So there is neither BEGIN nor
 * COMMIT, and one wake-up on either side. The driver's own pipelining writes, and has answered, each by itself.
 */
export class BatchExchange implements pg.Submittable {
  readonly #statements: readonly Encoded[]
  readonly #prepared: Set<string>
  readonly #end: (end: ExchangeEnd) => void
  #completed = 0
  #answer: string | undefined

  private constructor(
    statements: readonly Encoded[],
    prepared: Set<string>,
    end: (end: ExchangeEnd) => void,
  ) {
    this.#statements = statements
    this.#prepared = prepared
    this.#end = end
  }

  /**
   * Runs the statements as one transaction.
   *
   * @param prepared names of the statements that this connection knows; kept up to date here.
   * @returns its end; `answer` is the first column of the last row that any of them returned.
   */
  static run(
    client: pg.Client,
    statements: readonly Statement[],
    prepared: Set<string>,
  ): Promise<ExchangeEnd> {
    const encoded = statements.map(({ values, ...rest }) => ({ ...rest, values: values.map(parameterText) }))
    return new Promise((resolve) => {
      client.query(new BatchExchange(encoded, prepared, resolve))
    })
  }

  submit(connection: pg.Connection): void {
    connection.stream.cork()
    try {
      for (const { name, text, values } of this.#statements) {
        if (!this.#prepared.has(name)) {
          // A batch that failed may have left it prepared; closing one that is not there does nothing.
          connection.close({ type: 'S', name }, true)
          connection.parse({ name, text, types: [] }, true)
        }
        connection.bind({ statement: name, values }, true)
        connection.execute(null, true)
      }
      connection.sync()
    } finally {
      connection.stream.uncork()
    }
  }

  handleRowDescription(): void {}

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    this.#answer = fields[0] ?? undefined
  }

  handleCommandComplete(): void {
    this.#completed++
  }

  handleReadyForQuery(): void {
    for (const { name } of this.#statements) this.#prepared.add(name)
    this.#end({ kind: 'committed', answer: this.#answer })
  }

  handleError(error: Error): void {
    // After the last statement comes the commit, and what ends the session may end it on either side of that.
    const ofStatement =
      error instanceof pg.DatabaseError &&
      error.severity === 'ERROR' &&
      this.#completed < this.#statements.length
    this.#end({ kind: ofStatement ? 'rolled-back' : 'undecided', error })
  }
}
