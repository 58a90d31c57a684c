import type { UserNid } from '../../../../storage/numeric-ids.ts'

/** A room that another one replaces. */
export interface RoomMove {
  readonly oldRoomId: string
  readonly newRoomId: string
}

/** Told of rooms that are replaced: what belongs to a room beside its events moves along. */
export interface RoomMovedListener {
  /** A user of this server has upgraded a room: its place in the directory. */
  roomMoved?(move: RoomMove, byUserId: string): Promise<void>
  /** A local user who was in the old room is in the new one: tags, push rules. May be told again. */
  userFollowed?(move: RoomMove, user: { readonly userNid: UserNid; readonly userId: string }): Promise<void>
}
