import type { RoomNid, UserNid } from '../numeric-ids.ts'
import { POSITION_SQL, rowsStatement } from '../position/columns.ts'
import type { Positioned, StreamWriteKind } from '../position/stream-write.ts'

/** The room number of account data that belongs to no room; identities begin at 1. */
export const NO_ROOM = 0 as RoomNid

/** One change of a user's account data. */
export interface AccountDataWrite {
  readonly userNid: UserNid
  /** `NO_ROOM` for global account data. */
  readonly roomNid: RoomNid
  readonly type: string
  /** JSON text of an object; null deletes. */
  readonly content: string | null
}

const upsert = rowsStatement<Positioned<AccountDataWrite>>(
  'upsert-account-data',
  `INSERT INTO account_data (user_nid, room_nid, type, content, stream_pos)
   SELECT user_nid, room_nid, type, content, ${POSITION_SQL}
   FROM @rows AS r(user_nid, room_nid, type, content, back)
   ON CONFLICT (user_nid, room_nid, type) DO UPDATE
     SET content = excluded.content, stream_pos = excluded.stream_pos`,
  [
    { type: 'bigint', value: ({ item }) => item.userNid },
    { type: 'bigint', value: ({ item }) => item.roomNid },
    { type: 'text', value: ({ item }) => item.type },
    { type: 'text', value: ({ item }) => item.content },
    { type: 'bigint', value: ({ back }) => back },
  ],
)

/** Account data on its way into the stream. */
export const ACCOUNT_DATA: StreamWriteKind<AccountDataWrite> = {
  name: 'account-data',
  after(items) {
    const last = new Map(
      items.map((entry) => [`${entry.item.userNid}/${entry.item.roomNid}/${entry.item.type}`, entry]),
    )
    return upsert([...last.values()])
  },
}
