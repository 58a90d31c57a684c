import { currentStateStatements } from '../events/current-state-statements.ts'
import {
  eventWriteOf,
  type CurrentStateChange,
  type EventWrite,
  type MembershipChange,
} from '../events/event-write.ts'
import { membershipStatements } from '../events/membership-statements.ts'
import type { RoomNid } from '../numeric-ids.ts'
import { POSITION_SQL, rowsStatement } from '../position/columns.ts'
import { itemOf, type CommittedWrite } from '../position/committed-write.ts'
import type { StreamPosition } from '../position/position.ts'
import type { RoomLease, StreamWriteKind } from '../position/stream-write.ts'

/**
 * A part of the way from what the tables say of a partially joined room to its state. A place that was not known
 * before has itself as its previous event: nothing has changed there, it has become known.
 */
export interface SettledState {
  readonly lease: RoomLease
  readonly roomNid: RoomNid
  readonly stateChanges: readonly CurrentStateChange[]
  readonly memberships: readonly MembershipChange[]
  /** Where in the stream the stays begin of members who have become known. */
  readonly joinedSince: StreamPosition
  /** When with this part the tables say all of it. Milliseconds since the epoch. */
  readonly completedTs: number | undefined
}

const completeJoins = rowsStatement<{ roomNid: RoomNid; completedTs: number; back: number }>(
  'complete-partial-joins',
  `UPDATE partial_join SET completed_pos = ${POSITION_SQL}, completed_ts = r.completed_ts
   FROM @rows AS r(room_nid, completed_ts, back) WHERE partial_join.room_nid = r.room_nid`,
  [
    { type: 'bigint', value: ({ roomNid }) => roomNid },
    { type: 'bigint', value: ({ completedTs }) => completedTs },
    { type: 'bigint', value: ({ back }) => back },
  ],
)

export const SETTLED_STATE: StreamWriteKind<SettledState> = {
  name: 'settled-state',
  after: (writes) => [
    ...currentStateStatements(writes),
    ...membershipStatements(writes),
    ...completeJoins(
      writes.flatMap(({ item: { roomNid, completedTs }, back }) =>
        completedTs === undefined ? [] : [{ roomNid, completedTs, back }],
      ),
    ),
  ],
  lease: (item) => item.lease,
}

/** What a committed write of any kind has changed in the state of a room. */
export function stateChangeOf(
  committed: CommittedWrite,
): Pick<EventWrite, 'roomNid' | 'stateChanges' | 'memberships'> | undefined {
  return eventWriteOf(committed) ?? itemOf(SETTLED_STATE, committed)
}

/** Whether a change only tells what has been so before. */
export function isLearnt({
  previousNid,
  eventNid,
}: Pick<CurrentStateChange, 'previousNid' | 'eventNid'>): boolean {
  return eventNid !== undefined && previousNid === eventNid
}
