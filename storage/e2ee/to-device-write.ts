import type { ServerNid, UserNid } from '../numeric-ids.ts'
import { POSITION_SQL, rowsStatement } from '../position/columns.ts'
import type { Positioned, StreamWriteKind } from '../position/stream-write.ts'

/** Stands for all devices of a user (client-server API, "Send-to-Device messaging"). */
export const ALL_DEVICES = '*'

/**
 * Messages that wait for one device. A client that comes back after months still finds those that it needs; a device
 * that never does holds some ten megabytes at most. What comes beyond is dropped.
 */
export const MAX_INBOX = 50_000

/** A message for a device of ours. */
export interface LocalMessage {
  readonly userNid: UserNid
  /** {@link ALL_DEVICES} for all that the user has. */
  readonly deviceId: string
  /** JSON text as clients get it. */
  readonly event: string
}

/** Messages for users of one other server. */
export interface RemoteMessages {
  readonly serverNid: ServerNid
  readonly serverName: string
  /** JSON text of the content of `m.direct_to_device`. */
  readonly edu: string
}

/** All that one request sends. It is done once, however often the request is repeated. */
export interface ToDeviceWrite {
  readonly requestHash: Buffer
  /** Until when a repeated request is known, in milliseconds since the epoch. */
  readonly expiresTs: number
  readonly local: readonly LocalMessage[]
  readonly remote: readonly RemoteMessages[]
}

const noteRequests = rowsStatement<Positioned<ToDeviceWrite>>(
  'note-to-device-requests',
  `INSERT INTO to_device_request (request_hash, stream_pos, expires_ts)
   SELECT request_hash, ${POSITION_SQL}, expires_ts FROM @rows AS r(request_hash, expires_ts, back)
   ON CONFLICT (request_hash) DO NOTHING`,
  [
    { type: 'bytea', value: ({ item }) => item.requestHash },
    { type: 'bigint', value: ({ item }) => item.expiresTs },
    { type: 'bigint', value: ({ back }) => back },
  ],
)

interface Addressed<Message> {
  readonly order: number
  readonly requestHash: Buffer
  readonly back: number
  readonly message: Message
}

// A device that is being deleted is waited for, and its messages would go with it.
const insertMessages = rowsStatement<Addressed<LocalMessage>>(
  'insert-to-device-messages',
  `WITH found AS (
     SELECT r.place, device.user_nid, device.device_id, r.event, ${POSITION_SQL} AS stream_pos
       FROM @rows AS r(place, request_hash, user_nid, device_id, event, back)
       JOIN to_device_request request
         ON request.request_hash = r.request_hash AND request.stream_pos = ${POSITION_SQL}
       JOIN device ON device.user_nid = r.user_nid
         AND (device.device_id = r.device_id OR r.device_id = '${ALL_DEVICES}')
      ORDER BY r.place FOR KEY SHARE OF device
   ), counted AS (
     SELECT *, row_number() OVER (PARTITION BY user_nid, device_id ORDER BY place) AS nth FROM found
   )
   INSERT INTO to_device_message (user_nid, device_id, seq, stream_pos, event)
   SELECT user_nid, device_id, coalesce(newest.seq, 0) + nth, stream_pos, event FROM counted
     LEFT JOIN LATERAL (
       SELECT seq FROM to_device_message m
        WHERE m.user_nid = counted.user_nid AND m.device_id = counted.device_id
        ORDER BY m.user_nid DESC, m.device_id DESC, m.seq DESC LIMIT 1) newest ON true
     LEFT JOIN LATERAL (
       SELECT seq FROM to_device_message m
        WHERE m.user_nid = counted.user_nid AND m.device_id = counted.device_id
        ORDER BY m.user_nid, m.device_id, m.seq LIMIT 1) oldest ON true
    WHERE coalesce(newest.seq - oldest.seq + 1, 0) + nth <= ${MAX_INBOX}`,
  [
    { type: 'bigint', value: ({ order }) => order },
    { type: 'bytea', value: ({ requestHash }) => requestHash },
    { type: 'bigint', value: ({ message }) => message.userNid },
    { type: 'text', value: ({ message }) => message.deviceId },
    { type: 'text', value: ({ message }) => message.event },
    { type: 'bigint', value: ({ back }) => back },
  ],
)

const insertOutgoing = rowsStatement<Addressed<RemoteMessages>>(
  'insert-to-device-outbox',
  `INSERT INTO to_device_outbox (server_nid, edu)
   SELECT r.server_nid, r.edu FROM @rows AS r(place, request_hash, server_nid, edu, back)
     JOIN to_device_request request
       ON request.request_hash = r.request_hash AND request.stream_pos = ${POSITION_SQL}
    ORDER BY r.place`,
  [
    { type: 'bigint', value: ({ order }) => order },
    { type: 'bytea', value: ({ requestHash }) => requestHash },
    { type: 'bigint', value: ({ message }) => message.serverNid },
    { type: 'text', value: ({ message }) => message.edu },
    { type: 'bigint', value: ({ back }) => back },
  ],
)

function addressed<Message>(
  items: readonly Positioned<ToDeviceWrite>[],
  of: (item: ToDeviceWrite) => readonly Message[],
): Addressed<Message>[] {
  const all = items.flatMap(({ item, back }) =>
    of(item).map((message) => ({ requestHash: item.requestHash, back, message })),
  )
  return all.map((entry, order) => ({ ...entry, order }))
}

/** Messages to devices on their way into the stream. */
export const TO_DEVICE: StreamWriteKind<ToDeviceWrite> = {
  name: 'to-device',
  after: (items) => [
    ...noteRequests(items),
    ...insertMessages(addressed(items, ({ local }) => local)),
    ...insertOutgoing(addressed(items, ({ remote }) => remote)),
  ],
}
