import type { JobRunner } from '../../homeserver/jobs/job-runner.ts'
import type { RateLimits } from '../../homeserver/rate-limits/rate-limits.ts'
import type { ExchangedInvite } from '../../homeserver/rooms/actions/third-party-invites/exchange-invite.ts'
import type { OpenRoom } from '../../homeserver/rooms/open-room.ts'
import type { PolicySigner } from '../../homeserver/rooms/policy/policy-signer.ts'
import type { RoomServices } from '../../homeserver/rooms/room-services.ts'
import type { RoomWriter } from '../../homeserver/rooms/room-writer.ts'
import type { FederationLog } from '../client/transport/federation-log.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import type { EduHandlers } from './edus/edu-handler.ts'
import type { AuthChains } from './history/auth-chains.ts'
import type { InvitePolicy } from './membership/invite-policy.ts'
import type { RequestGate } from './signed-endpoint.ts'
import type { RoomFetcher } from '../remote-rooms/room-fetcher.ts'

/** What the answering side of federation works with. Built in homeserver/context.ts. */
export interface InboundContext {
  readonly rooms: RoomServices
  readonly writer: RoomWriter
  readonly authChains: AuthChains
  readonly keyRing: KeyRing
  /** What stands before signed requests, for bodies of at most so many bytes. */
  gate(maxBodyBytes?: number): RequestGate
  /**
   * The same for transactions, which senders send one after another: they are not slowed down, because who catches up
   * sends many, and have turns of their own, because receiving one may make its sender ask.
   */
  transactionGate(maxBodyBytes: number): RequestGate
  readonly jobs: Pick<JobRunner, 'schedule'>
  /** Fetches what received events lean on. */
  readonly fetcher: RoomFetcher
  readonly edus: EduHandlers
  readonly invites: InvitePolicy
  readonly policySigner: PolicySigner
  readonly limits: Pick<RateLimits, 'joinsPerRoom' | 'thirdPartyInvite'>
  /** Makes a user's invite out of a third-party invite; see `exchangeThirdPartyInvite` of the rooms. */
  exchangeThirdPartyInvite(room: OpenRoom, invite: ExchangedInvite): Promise<void>
  readonly log: FederationLog
}
