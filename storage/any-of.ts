import { sql, type RawBuilder } from 'kysely'

/** `column = ANY($1)`: one parameter whatever the number of values, so that the statement's text stays the same. */
export function anyOf<Value>(values: readonly Value[]): RawBuilder<Value> {
  return sql<Value>`ANY(${values})`
}
