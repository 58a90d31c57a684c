import type { RoomNid, UserNid } from '../numeric-ids.ts'
import { itemOf, type CommittedWrite } from '../position/committed-write.ts'
import { POSITION_SQL, rowsStatement } from '../position/columns.ts'
import type { Committer } from '../position/committer.ts'
import type { StreamPosition } from '../position/position.ts'
import type { Positioned, StreamWriteKind } from '../position/stream-write.ts'

/** A user of ours has met servers in a room, which have to be told of the user's devices. */
export interface Introduction {
  readonly userNid: UserNid
  readonly roomNid: RoomNid
}

const insertIntroductions = rowsStatement<Positioned<Introduction>>(
  'insert-device-introductions',
  `INSERT INTO device_list_change (stream_pos, user_nid, device_id, room_nid)
   SELECT ${POSITION_SQL}, user_nid, '', room_nid FROM @rows AS r(user_nid, room_nid, back)`,
  [
    { type: 'bigint', value: ({ item }) => item.userNid },
    { type: 'bigint', value: ({ item }) => item.roomNid },
    { type: 'bigint', value: ({ back }) => back },
  ],
)

const INTRODUCTION: StreamWriteKind<Introduction> = {
  name: 'device-list-introduction',
  after: (items) => insertIntroductions(items),
}

/** The introduction that a commit listener is told about; undefined for writes of other kinds. */
export function introductionOf(committed: CommittedWrite): Introduction | undefined {
  return itemOf(INTRODUCTION, committed)
}

/** Notes an introduction in the log of device lists. Resolves after the commit. */
export function noteIntroduction(
  committer: Pick<Committer, 'submit'>,
  userNid: UserNid,
  roomNid: RoomNid,
): Promise<StreamPosition> {
  return committer.submit(INTRODUCTION, { userNid, roomNid })
}
