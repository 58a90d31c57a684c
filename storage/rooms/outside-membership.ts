import type { RoomNid, UserNid } from '../numeric-ids.ts'
import { itemOf, type CommittedWrite } from '../position/committed-write.ts'
import { POSITION_SQL, rowsStatement } from '../position/columns.ts'
import type { Positioned, StreamWriteKind } from '../position/stream-write.ts'
import type { Membership } from '../schema/membership.ts'

/** A local user's new relation to a room that this server is not in: an invite, a knock, or the end of either. */
export interface OutsideMembershipWrite {
  readonly userNid: UserNid
  readonly roomNid: RoomNid
  readonly membership: Exclude<Membership, 'join'>
  readonly senderNid: UserNid
  /** The membership event as JSON text; undefined where none could be made. */
  readonly eventPdu: Buffer | undefined
  /** JSON text of a list of stripped state events. */
  readonly strippedState: Buffer | undefined
  /** True when the user does not want to be told of the room again. */
  readonly forgotten?: boolean
}

const upsert = rowsStatement<Positioned<OutsideMembershipWrite>>(
  'upsert-outside-memberships',
  `INSERT INTO membership (user_nid, room_nid, membership, sender_nid, stream_pos, outside, event_pdu,
     stripped_state, forgotten)
   SELECT user_nid, room_nid, membership, sender_nid, ${POSITION_SQL}, true, event_pdu, stripped_state, forgotten
   FROM @rows AS r(user_nid, room_nid, membership, sender_nid, event_pdu, stripped_state, forgotten, back)
   ON CONFLICT (user_nid, room_nid) DO UPDATE SET
     membership = excluded.membership, event_nid = NULL, sender_nid = excluded.sender_nid,
     stream_pos = excluded.stream_pos, joined_pos = NULL, forgotten = excluded.forgotten, outside = true,
     event_pdu = excluded.event_pdu, stripped_state = excluded.stripped_state`,
  [
    { type: 'bigint', value: ({ item }) => item.userNid },
    { type: 'bigint', value: ({ item }) => item.roomNid },
    { type: 'text', value: ({ item }) => item.membership },
    { type: 'bigint', value: ({ item }) => item.senderNid },
    { type: 'bytea', value: ({ item }) => item.eventPdu ?? null },
    { type: 'bytea', value: ({ item }) => item.strippedState ?? null },
    { type: 'boolean', value: ({ item }) => item.forgotten ?? false },
    { type: 'bigint', value: ({ back }) => back },
  ],
)

/** Memberships in rooms of other servers on their way into the stream. */
export const OUTSIDE_MEMBERSHIP: StreamWriteKind<OutsideMembershipWrite> = {
  name: 'outside-membership',
  after(items) {
    const last = new Map(items.map((entry) => [`${entry.item.userNid}/${entry.item.roomNid}`, entry]))
    return upsert([...last.values()])
  },
}

/** The outside membership that a commit listener is told about; undefined for writes of other kinds. */
export function outsideMembershipOf(committed: CommittedWrite): OutsideMembershipWrite | undefined {
  return itemOf(OUTSIDE_MEMBERSHIP, committed)
}
