import type { HistoryVisibility } from '../../../protocol/visibility/history-visibility.ts'

/**
 * What a room says of itself to those who are not in it (client-server API, `PublishedRoomsChunk` and `RoomSummary`).
 * That of a room elsewhere is its server's word.
 */
export interface RoomSummary {
  readonly roomId: string
  /** Undefined where another server does not tell. */
  readonly version: string | undefined
  readonly roomType: string | undefined
  readonly name: string | undefined
  readonly topic: string | undefined
  readonly avatarUrl: string | undefined
  readonly canonicalAlias: string | undefined
  /** `public` where another server does not tell, as the specification has it. */
  readonly joinRule: string
  /** Rooms whose members may join, where the join rule is a restricted one. */
  readonly allowedRoomIds: readonly string[]
  readonly worldReadable: boolean
  readonly guestCanJoin: boolean
  readonly encryption: string | undefined
  readonly joined: number
  /** Whether users of other servers can ever join (`m.federate`). */
  readonly federated: boolean
}

/** The room type of spaces (client-server API, "Spaces"). */
export const SPACE = 'm.space'

/** The setting under which anybody may look into a room. */
export const WORLD_READABLE: HistoryVisibility = 'world_readable'
