import type { Pool } from 'pg'
import type { NameRow, NameStore } from './name-store.ts'
import { isByteNameable, isTextNameable } from './nameable.ts'

/** A table that numbers names: its columns, and whether the name is `bytea` (it may hold U+0000) or `text`. */
export interface NamedTable {
  readonly table: string
  readonly nid: string
  readonly name: string
  readonly type: 'bytea' | 'text'
}

/** The names of a table whose rows are nothing but number and name. */
export function tableNames<Nid extends number>(pool: Pick<Pool, 'query'>, of: NamedTable): NameStore<Nid> {
  const { table, nid, name, type } = of
  const columns = `${nid} AS nid, ${name} AS name`
  const statements = {
    find: `SELECT ${columns} FROM ${table} WHERE ${name} = ANY($1::${type}[])`,
    create: `INSERT INTO ${table} (${name}) SELECT * FROM unnest($1::${type}[])
             ON CONFLICT DO NOTHING RETURNING ${columns}`,
    load: `SELECT ${columns} FROM ${table} WHERE ${nid} = ANY($1::bigint[])`,
  }
  const encode = (names: readonly string[]): readonly (string | Buffer)[] =>
    type === 'bytea' ? names.map((text) => Buffer.from(text)) : names
  const run = async (
    statement: keyof typeof statements,
    values: readonly (string | Buffer | Nid)[],
  ): Promise<NameRow<Nid>[]> => {
    const { rows } = await pool.query<{ nid: Nid; name: string | Buffer }>({
      name: `intern-${table}-${statement}`,
      text: statements[statement],
      values: [values],
    })
    return rows.map((row) => ({ nid: row.nid, name: row.name.toString() }))
  }
  return {
    isNameable: type === 'bytea' ? isByteNameable : isTextNameable,
    find: (names) => run('find', encode(names)),
    create: (names) => run('create', encode(names)),
    load: (nids) => run('load', nids),
  }
}
