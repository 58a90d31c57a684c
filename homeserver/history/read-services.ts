import type { UserNid } from '../../storage/numeric-ids.ts'
import type { RoomServices } from '../rooms/room-services.ts'

/** What reading stands on. */
export type ReadServices = Pick<
  RoomServices,
  | 'serverName'
  | 'queries'
  | 'interner'
  | 'trie'
  | 'events'
  | 'committer'
  | 'audience'
  | 'erasedUsers'
  | 'partial'
  | 'now'
>

/** The user who reads, with the device whose own events are marked. */
export interface Viewer {
  readonly userNid: UserNid
  readonly userId: string
  /** Undefined where an application service reads without a device: no event is marked. */
  readonly deviceId: string | undefined
}
