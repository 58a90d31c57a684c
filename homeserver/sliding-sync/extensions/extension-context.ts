import type { RoomNid } from '../../../storage/numeric-ids.ts'
import type { StreamPosition } from '../../../storage/position/position.ts'
import type { ChangeSource } from '../../sync/change-source.ts'
import type { Timeline } from '../../sync/timelines.ts'
import type { EphemeralVersion } from '../../sync/tokens.ts'
import type { Choice } from '../choose-rooms.ts'
import type { ConnectionChanges } from '../connection-changes.ts'
import type { ConnectionState } from '../sent-room.ts'
import type { ExtensionScope, SlidingRequest } from '../sliding-request.ts'
import type { SlidingServices } from '../sliding-services.ts'
import { isInScope } from './scope.ts'

/** What the extensions that speak of rooms work with. */
export interface ExtensionContext {
  readonly services: SlidingServices
  readonly source: ChangeSource
  readonly request: SlidingRequest
  readonly choice: Choice
  readonly roomIds: ReadonlyMap<RoomNid, string>
  readonly state: ConnectionState
  readonly changes: ConnectionChanges
  /** The end of the last answer. */
  readonly since: StreamPosition | undefined
  /** What the client has seen of what is never stored. */
  readonly seen: EphemeralVersion | undefined
  readonly head: StreamPosition
  /** Rooms that this answer sends as a whole, or with older events, with what it shows of them. */
  readonly shown: ReadonlyMap<RoomNid, Timeline | undefined>
}

/** The rooms of an answer that an extension is to speak of. */
export function roomsInScope(
  { choice, roomIds }: ExtensionContext,
  scope: ExtensionScope | undefined,
): Map<RoomNid, string> {
  const rooms = new Map<RoomNid, string>()
  if (!scope) return rooms
  for (const [roomNid, chosen] of choice.rooms) {
    const roomId = roomIds.get(roomNid)
    if (roomId !== undefined && isInScope(scope, chosen, roomId)) rooms.set(roomNid, roomId)
  }
  return rooms
}

/** `{"!room":value,…}`, the values as JSON texts. */
export function byRoomText(texts: Iterable<readonly [string, string]>): string {
  return `{${Array.from(texts, ([roomId, text]) => `${JSON.stringify(roomId)}:${text}`).join(',')}}`
}
