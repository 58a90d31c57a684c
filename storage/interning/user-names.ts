import type { Pool } from 'pg'
import type { ServerNid, UserNid } from '../numeric-ids.ts'
import type { NameRow, NameStore } from './name-store.ts'
import { UnnameableError, type NumberedNames } from './numbered-names.ts'
import { tableNames } from './table-names.ts'

/** Users, whose rows also name their server. */
export function userNames(pool: Pick<Pool, 'query'>, servers: NumberedNames<ServerNid>): NameStore<UserNid> {
  const plain = tableNames<UserNid>(pool, {
    table: 'matrix_user',
    nid: 'user_nid',
    name: 'user_id',
    type: 'text',
  })
  return {
    ...plain,
    async create(userIds) {
      const names = userIds.map(serverOf)
      const serverNids = await servers.internMany(names)
      const { rows } = await pool.query<NameRow<UserNid>>({
        name: 'intern-user-create',
        text: `INSERT INTO matrix_user (user_id, server_nid) SELECT * FROM unnest($1::text[], $2::bigint[])
               ON CONFLICT DO NOTHING RETURNING user_nid AS nid, user_id AS name`,
        values: [userIds, names.map((name) => serverNids.get(name))],
      })
      return rows
    },
  }
}

/** The part after the first colon (Matrix specification, appendices, "User Identifiers"). */
function serverOf(userId: string): string {
  const colon = userId.indexOf(':')
  if (!userId.startsWith('@') || colon < 0 || colon === userId.length - 1) {
    throw new UnnameableError('a user id without a server name')
  }
  return userId.slice(colon + 1)
}
