import type { RoomNid } from '../numeric-ids.ts'
import { POSITION_SQL, rowsStatement, textArrayLiteral } from '../position/columns.ts'
import type { Positioned, Statement } from '../position/stream-write.ts'
import type { EventWrite } from './event-write.ts'

interface Begun {
  readonly roomNid: RoomNid
  readonly back: number
  readonly servers: readonly string[]
  readonly begunTs: number
}

const beginPartial = rowsStatement<Begun>(
  'begin-partial-joins',
  `INSERT INTO partial_join (room_nid, servers, begun_pos, begun_ts)
   SELECT room_nid, servers::text[], ${POSITION_SQL}, begun_ts FROM @rows AS r(room_nid, servers, begun_ts, back)
   ON CONFLICT (room_nid) DO UPDATE SET servers = excluded.servers, begun_pos = excluded.begun_pos,
     begun_ts = excluded.begun_ts, events_expected = NULL, events_fetched = 0, given_up_ts = NULL,
     completed_pos = NULL, completed_ts = NULL`,
  [
    { type: 'bigint', value: ({ roomNid }) => roomNid },
    { type: 'text', value: ({ servers }) => textArrayLiteral(servers) },
    { type: 'bigint', value: ({ begunTs }) => begunTs },
    { type: 'bigint', value: ({ back }) => back },
  ],
)

const forgetPartial = rowsStatement<RoomNid>(
  'forget-partial-joins',
  'DELETE FROM partial_join USING @rows AS r(room_nid) WHERE partial_join.room_nid = r.room_nid',
  [{ type: 'bigint', value: (roomNid) => roomNid }],
)

/** What joins through other servers say of how much of their rooms is known. */
export function joiningStatements(writes: readonly Positioned<EventWrite>[]): readonly Statement[] {
  const begun = new Map<RoomNid, Begun>()
  const whole = new Set<RoomNid>()
  for (const { item, back } of writes) {
    const { roomNid, joining } = item
    if (joining === undefined) continue
    begun.delete(roomNid)
    whole.delete(roomNid)
    if (joining === 'whole') whole.add(roomNid)
    else begun.set(roomNid, { roomNid, back, ...joining })
  }
  return [...forgetPartial([...whole]), ...beginPartial([...begun.values()])]
}
