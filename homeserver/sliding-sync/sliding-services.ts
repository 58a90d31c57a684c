import type { SyncServices } from '../sync/sync-services.ts'
import type { Connections } from './connections.ts'
import type { SlidingExtension } from './extensions/sliding-extension.ts'
import type { RoomActivities } from './room-activity.ts'
import type { RoomKinds } from './room-kinds.ts'
import type { LabelsOfUsers } from './room-labels.ts'
import type { RoomRelations } from './room-relations.ts'

/** What sliding sync stands on; built once. */
export interface SlidingServices extends SyncServices {
  readonly connections: Connections
  readonly activities: RoomActivities
  readonly kinds: RoomKinds
  readonly labels: LabelsOfUsers
  readonly relations: RoomRelations
  /** Extensions that others provide. */
  readonly extensions: readonly SlidingExtension[]
}
