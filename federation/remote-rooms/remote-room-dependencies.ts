import type { Signer } from '../../protocol/events/sign.ts'
import type { EventStore } from '../../storage/events/event-store.ts'
import type { FederationClient } from '../client/federation-client.ts'
import type { FederationLog } from '../client/transport/federation-log.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import type { VerificationThreads } from '../keys/verification/verification-threads.ts'

/** What talking to other servers about rooms stands on. */
export interface RemoteRoomDependencies {
  readonly client: FederationClient
  readonly keyRing: KeyRing
  /** Check whole states. */
  readonly threads: VerificationThreads
  readonly signer: Signer
  readonly events: EventStore
  readonly log: FederationLog
  /** Milliseconds since the epoch. */
  now(): number
}
