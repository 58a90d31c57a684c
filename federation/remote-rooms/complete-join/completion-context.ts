import type { RoomServices } from '../../../homeserver/rooms/room-services.ts'
import type { LocalRoomWriter } from '../../../homeserver/rooms/room-writer.ts'
import type { RoomNid } from '../../../storage/numeric-ids.ts'
import type { StreamPosition } from '../../../storage/position/position.ts'
import type { RemoteRoomDependencies } from '../remote-room-dependencies.ts'

/** What completing a join works with. */
export interface CompletionContext extends RemoteRoomDependencies {
  readonly services: RoomServices
  readonly writer: LocalRoomWriter
  /** Told before a room counts as whole, when its members are in the tables; once more when that was interrupted. */
  readonly onMembersKnown: (known: MembersKnown) => Promise<void>
}

/** A room whose members have become known. */
export interface MembersKnown {
  readonly roomNid: RoomNid
  /** Where in the stream it was joined. */
  readonly since: StreamPosition
  /** Servers that have or had members in it and did not count as such: what they missed is to be sent now. */
  readonly late: readonly string[]
}
