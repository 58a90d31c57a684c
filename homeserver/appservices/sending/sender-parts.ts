import type { RoomNid } from '../../../storage/numeric-ids.ts'
import type { StreamPosition } from '../../../storage/position/position.ts'
import type { SyncServices } from '../../sync/sync-services.ts'
import type { ServiceClient } from '../client/service-client.ts'
import type { AppService } from '../registration/app-service.ts'

/** What all senders share. */
export interface SenderParts {
  readonly services: SyncServices
  readonly client: ServiceClient
  /** Everything up to here has been offered to those whom it interests. */
  readonly position: () => StreamPosition
  /** Who is interested in rooms now. */
  readonly interestIn: (
    roomNids: readonly RoomNid[],
  ) => Promise<ReadonlyMap<RoomNid, ReadonlySet<AppService>>>
  /** Told why a service could not be told. */
  readonly onError: (error: unknown, appserviceId: string) => void
}
