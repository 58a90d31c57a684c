import type { UserNid } from '../numeric-ids.ts'
import { POSITION_SQL, rowsStatement } from '../position/columns.ts'
import type { Positioned, StreamWriteKind } from '../position/stream-write.ts'

/** The end of an answer that could not hold all messages for a device. */
export interface ToDevicePage {
  readonly userNid: UserNid
  readonly deviceId: string
  /** The last message of the answer. */
  readonly throughSeq: number
}

const upsertPages = rowsStatement<Positioned<ToDevicePage>>(
  'upsert-to-device-pages',
  `WITH found AS (
     SELECT device.user_nid, device.device_id, r.through_seq, ${POSITION_SQL} AS stream_pos
       FROM @rows AS r(user_nid, device_id, through_seq, back)
       JOIN device ON device.user_nid = r.user_nid AND device.device_id = r.device_id
        FOR KEY SHARE OF device)
   INSERT INTO to_device_page (user_nid, device_id, through_seq, stream_pos) SELECT * FROM found
   ON CONFLICT (user_nid, device_id, through_seq) DO UPDATE SET stream_pos = excluded.stream_pos`,
  [
    { type: 'bigint', value: ({ item }) => item.userNid },
    { type: 'text', value: ({ item }) => item.deviceId },
    { type: 'bigint', value: ({ item }) => item.throughSeq },
    { type: 'bigint', value: ({ back }) => back },
  ],
)

/**
 * Ends of answers on their way into the stream. The head moves on with them, so that a client which comes with the
 * token of such an answer is told the rest at once.
 */
export const TO_DEVICE_PAGE: StreamWriteKind<ToDevicePage> = {
  name: 'to-device-page',
  after(items) {
    const last = new Map(
      items.map((entry) => [
        JSON.stringify([entry.item.userNid, entry.item.throughSeq, entry.item.deviceId]),
        entry,
      ]),
    )
    return upsertPages([...last.values()])
  },
}
