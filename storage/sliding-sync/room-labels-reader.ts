import { anyOf } from '../any-of.ts'
import { NO_ROOM } from '../accounts/account-data-write.ts'
import type { Queries } from '../database.ts'
import type { RoomNid, UserNid } from '../numeric-ids.ts'

/** A user's account data that says what rooms are to them: JSON texts. */
export interface StoredLabels {
  /** Content of `m.direct`; undefined where the user has none. */
  readonly direct: string | undefined
  /** Content of `m.tag` by room. */
  readonly tags: ReadonlyMap<RoomNid, string>
}

/** A user's direct chats and tags. */
export async function roomLabels(queries: Queries, userNid: UserNid): Promise<StoredLabels> {
  const rows = await queries
    .selectFrom('account_data')
    .select(['room_nid', 'type', 'content'])
    .where('user_nid', '=', userNid)
    .where('type', '=', anyOf(['m.direct', 'm.tag']))
    .where('content', 'is not', null)
    .execute()
  const tags = rows.filter((row) => row.type === 'm.tag' && row.room_nid !== NO_ROOM)
  return {
    direct: rows.find((row) => row.type === 'm.direct' && row.room_nid === NO_ROOM)?.content ?? undefined,
    tags: new Map(tags.map((row) => [row.room_nid, row.content!])),
  }
}
