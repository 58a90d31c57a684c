import type { Statement } from './stream-write.ts'

/** One column of a set-based statement: a name to remember it by, its PostgreSQL type and the value of a row. */
export interface Column<Row> {
  readonly type: string
  readonly value: (row: Row) => unknown
}

/**
 * Builds statements over `unnest($1::type[], …)`: one array parameter a column, so that any number of rows is one
 * statement with one text. `@rows` in the text stands for the unnest call.
 *
 * @returns a function from rows to statements: none for no rows.
 */
export function rowsStatement<Row>(
  name: string,
  text: string,
  columns: readonly Column<Row>[],
): (rows: readonly Row[]) => readonly Statement[] {
  const parameters = columns.map((column, index) => `$${index + 1}::${column.type}[]`).join(', ')
  const full = text.replace('@rows', `unnest(${parameters})`)
  return (rows) =>
    rows.length === 0
      ? []
      : [{ name, text: full, values: columns.map((column) => rows.map((row) => column.value(row))) }]
}

/** A `text[]` literal, for a column of arrays inside a parameter that is an array itself. */
export function textArrayLiteral(values: readonly string[]): string {
  return `{${values.map((value) => `"${value.replace(/["\\]/g, '\\$&')}"`).join(',')}}`
}

/** The SQL of an item's position from its `back` column. */
export const POSITION_SQL = "(currval('stream_position') - back)"
