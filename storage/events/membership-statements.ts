import type { RoomNid } from '../numeric-ids.ts'
import { POSITION_SQL, rowsStatement } from '../position/columns.ts'
import type { StreamPosition } from '../position/position.ts'
import type { Positioned, Statement } from '../position/stream-write.ts'
import type { EventWrite, MembershipChange } from './event-write.ts'

interface PlacedMembership extends MembershipChange {
  readonly roomNid: RoomNid
  readonly joinedSince: StreamPosition | undefined
  readonly back: number
}

const upsertMemberships = rowsStatement<PlacedMembership>(
  'upsert-memberships',
  `INSERT INTO membership (user_nid, room_nid, membership, event_nid, sender_nid, stream_pos, joined_pos)
   SELECT user_nid, room_nid, membership, event_nid, sender_nid, ${POSITION_SQL},
     CASE WHEN membership = 'join' THEN least(joined_since, ${POSITION_SQL}) END
   FROM @rows AS r(user_nid, room_nid, membership, event_nid, sender_nid, joined_since, back)
   ON CONFLICT (user_nid, room_nid) DO UPDATE SET
     membership = excluded.membership, event_nid = excluded.event_nid, sender_nid = excluded.sender_nid,
     stream_pos = excluded.stream_pos,
     joined_pos = CASE WHEN excluded.membership <> 'join' THEN NULL
                       WHEN membership.membership = 'join' THEN least(membership.joined_pos, excluded.joined_pos)
                       ELSE excluded.joined_pos END,
     forgotten = membership.forgotten AND excluded.membership IN ('leave', 'ban'),
     outside = false, event_pdu = NULL, stripped_state = NULL`,
  [
    { type: 'bigint', value: (change) => change.userNid },
    { type: 'bigint', value: (change) => change.roomNid },
    { type: 'text', value: (change) => change.membership },
    { type: 'bigint', value: (change) => change.eventNid ?? null },
    { type: 'bigint', value: (change) => change.senderNid },
    { type: 'bigint', value: (change) => change.joinedSince ?? null },
    { type: 'bigint', value: (change) => change.back },
  ],
)

/** Changes of memberships in one room. */
export interface MembershipsWrite extends Pick<EventWrite, 'roomNid' | 'memberships'> {
  /** Where in the stream the stays of those who join begin, where that is earlier than the write. */
  readonly joinedSince?: StreamPosition
}

/** Memberships as the batch leaves them: the last change of each user in each room. */
export function membershipStatements(writes: readonly Positioned<MembershipsWrite>[]): readonly Statement[] {
  const last = new Map<string, PlacedMembership>()
  for (const { item, back } of writes) {
    for (const change of item.memberships) {
      const { roomNid, joinedSince } = item
      last.set(`${change.userNid}/${roomNid}`, { ...change, roomNid, joinedSince, back })
    }
  }
  return upsertMemberships([...last.values()])
}
