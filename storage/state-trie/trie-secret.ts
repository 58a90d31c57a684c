import { randomBytes } from 'node:crypto'
import type { Queries } from '../database.ts'

const SECRET_NAME = 'state_trie'
/** As long as the hash that it keys. */
const SECRET_BYTES = 32

/** The database's secret for the state trie, made at the first call. It must never change: every root depends on it. */
export async function loadTrieSecret(queries: Queries): Promise<Buffer> {
  await queries
    .insertInto('database_secret')
    .values({ name: SECRET_NAME, secret: randomBytes(SECRET_BYTES) })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const row = await queries
    .selectFrom('database_secret')
    .select('secret')
    .where('name', '=', SECRET_NAME)
    .executeTakeFirstOrThrow()
  return row.secret
}
