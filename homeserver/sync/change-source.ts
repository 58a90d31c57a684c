import type { AccountDataEntry } from '../../storage/accounts/account-data-reader.ts'
import { accountDataChanges } from '../../storage/accounts/account-data-reader.ts'
import type { Queries } from '../../storage/database.ts'
import type { RoomNid, UserNid } from '../../storage/numeric-ids.ts'
import type { StreamPosition } from '../../storage/position/position.ts'
import { changedRooms } from '../../storage/sync/changed-rooms-reader.ts'
import { receiptsIn, type Receipt } from '../../storage/sync/receipts-reader.ts'
import { stateDeltas, type RoomStretch, type StateDelta } from '../../storage/sync/state-places-reader.ts'
import { newestPlaces, type HistoryPlace, type TimelineRange } from '../../storage/sync/timeline-reader.ts'

/** What happened in stretches of the stream: asked of the database, or of what this process remembers of it. */
export interface ChangeSource {
  /** Those of `roomNids` with new events, another state or new receipts. */
  changedRooms(
    roomNids: readonly RoomNid[],
    after: StreamPosition,
    upTo: StreamPosition,
  ): Promise<ReadonlySet<RoomNid>>
  /** The newest events of each range, newest first, at most `limit` of each. */
  newestPlaces(
    ranges: readonly TimelineRange[],
    limit: number,
  ): Promise<ReadonlyMap<RoomNid, readonly HistoryPlace[]>>
  /** Changes of the current state, in stream order. */
  stateDeltas(stretches: readonly RoomStretch[]): Promise<readonly StateDelta[]>
  receipts(stretches: readonly RoomStretch[]): Promise<readonly Receipt[]>
  /** Changes of a user's account data, the last of each entry. */
  accountData(
    userNid: UserNid,
    after: StreamPosition,
    upTo: StreamPosition,
  ): Promise<readonly AccountDataEntry[]>
}

/** The database as source: right for any stretch, one query a question. */
export function storedChanges(queries: Queries): ChangeSource {
  return {
    changedRooms: (roomNids, after, upTo) => changedRooms(queries, roomNids, after, upTo),
    newestPlaces: (ranges, limit) => newestPlaces(queries, ranges, limit),
    stateDeltas: (stretches) => stateDeltas(queries, stretches),
    receipts: (stretches) => receiptsIn(queries, stretches),
    accountData: (userNid, after, upTo) => accountDataChanges(queries, userNid, after, upTo),
  }
}
