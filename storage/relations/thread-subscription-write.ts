import type { RoomNid, UserNid } from '../numeric-ids.ts'
import { POSITION_SQL, rowsStatement } from '../position/columns.ts'
import type { Positioned, StreamWriteKind } from '../position/stream-write.ts'

/** A thread, as it is named where it is stored. */
export interface ThreadPlace {
  readonly roomNid: RoomNid
  readonly rootEventId: string
}

/** What a user makes of a thread. */
export interface ThreadSubscriptionWrite extends ThreadPlace {
  readonly userNid: UserNid
  readonly subscribed: boolean
  readonly automatic: boolean
  /** The newest place of the room's history, where the user leaves the thread. */
  readonly leftAt: number | null
}

const upsert = rowsStatement<Positioned<ThreadSubscriptionWrite>>(
  'upsert-thread-subscriptions',
  `INSERT INTO thread_subscription (user_nid, room_nid, root_event_id, subscribed, automatic, left_at, stream_pos)
   SELECT user_nid, room_nid, root_event_id, subscribed, automatic, left_at, ${POSITION_SQL}
   FROM @rows AS r(user_nid, room_nid, root_event_id, subscribed, automatic, left_at, back)
   ON CONFLICT (user_nid, room_nid, root_event_id) DO UPDATE
     SET subscribed = excluded.subscribed, automatic = excluded.automatic, left_at = excluded.left_at,
         stream_pos = excluded.stream_pos`,
  [
    { type: 'bigint', value: ({ item }) => item.userNid },
    { type: 'bigint', value: ({ item }) => item.roomNid },
    { type: 'text', value: ({ item }) => item.rootEventId },
    { type: 'boolean', value: ({ item }) => item.subscribed },
    { type: 'boolean', value: ({ item }) => item.automatic },
    { type: 'bigint', value: ({ item }) => item.leftAt },
    { type: 'bigint', value: ({ back }) => back },
  ],
)

/** Subscriptions to threads on their way into the stream. */
export const THREAD_SUBSCRIPTION: StreamWriteKind<ThreadSubscriptionWrite> = {
  name: 'thread-subscription',
  after(items) {
    const last = new Map(
      items.map((entry) => [`${entry.item.userNid}/${entry.item.roomNid}/${entry.item.rootEventId}`, entry]),
    )
    return upsert([...last.values()])
  },
}
