import { sql } from 'kysely'
import type { Queries } from '../database.ts'
import type { ServerNid } from '../numeric-ids.ts'

/** A message that waits for another server. */
export interface OutgoingMessage {
  readonly messageNid: number
  /** JSON text of the content of `m.direct_to_device`. */
  readonly edu: string
}

/** The oldest messages for a server. */
export function oldestOutgoing(
  queries: Queries,
  serverNid: ServerNid,
  limit: number,
): Promise<OutgoingMessage[]> {
  return queries
    .selectFrom('to_device_outbox')
    .select(['message_nid as messageNid', 'edu'])
    .where('server_nid', '=', serverNid)
    .orderBy('message_nid')
    .limit(limit)
    .execute()
}

/** Forgets the messages for a server up to one that it has got. */
export async function deleteOutgoing(queries: Queries, serverNid: ServerNid, through: number): Promise<void> {
  await queries
    .deleteFrom('to_device_outbox')
    .where('server_nid', '=', serverNid)
    .where('message_nid', '<=', through)
    .execute()
}

/** The servers that messages wait for; reads no more rows than there are such servers. */
export async function serversWithOutgoing(queries: Queries): Promise<ServerNid[]> {
  const { rows } = await sql<{ server_nid: ServerNid }>`
    WITH RECURSIVE waiting AS (
      SELECT min(server_nid) AS server_nid FROM to_device_outbox
      UNION ALL
      SELECT (SELECT min(o.server_nid) FROM to_device_outbox o WHERE o.server_nid > waiting.server_nid)
        FROM waiting WHERE waiting.server_nid IS NOT NULL
    )
    SELECT server_nid FROM waiting WHERE server_nid IS NOT NULL`.execute(queries)
  return rows.map((row) => row.server_nid)
}
