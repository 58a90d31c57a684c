import type { UserNid } from '../../../../storage/numeric-ids.ts'

/** A room that another one replaces: each names the other. */
export interface RoomMove {
  readonly oldRoomId: string
  readonly newRoomId: string
}

/** Told of rooms that are replaced: what belongs to a room beside its events moves along. */
export interface RoomMovedListener {
  /** A user of this server has upgraded a room: its place in the directory. */
  roomMoved?(move: RoomMove, byUserId: string): Promise<void>
  /** Local users are in the new room: their settings for the old one. They may be named more than once. */
  usersFollowed?(move: RoomMove, users: readonly UserNid[]): Promise<void>
}
