import type { EphemeralBus } from '../../homeserver/ephemeral/ephemeral-bus.ts'
import type { Authenticator } from '../../homeserver/http/endpoint.ts'
import type { JobRunner } from '../../homeserver/jobs/job-runner.ts'
import { RequestWindows, type WindowSize } from '../../homeserver/rate-limits/request-windows.ts'
import type { RoomActions } from '../../homeserver/rooms/actions/room-actions.ts'
import { exchangeThirdPartyInvite } from '../../homeserver/rooms/actions/third-party-invites/exchange-invite.ts'
import type { PolicySigner } from '../../homeserver/rooms/policy/policy-signer.ts'
import { authChainIds } from '../../storage/events/auth-chain-reader.ts'
import type { Federation } from '../client/create-federation.ts'
import type { FederationLog } from '../client/transport/federation-log.ts'
import type { RoomFetcher } from '../remote-rooms/room-fetcher.ts'
import { federationAuthenticator, type FederationCaller } from './authenticate.ts'
import type { EduHandlers } from './edus/edu-handler.ts'
import { roomEduHandlers } from './edus/room-edus.ts'
import { AuthChains } from './history/auth-chains.ts'
import type { InboundContext } from './inbound-context.ts'
import { localInvitePolicy } from './membership/local-invite-policy.ts'
import { receiveStagedJob } from './receipt/receive-staged.ts'
import { retryStagedFrom } from './receipt/stage-events.ts'
import { boundInviteJob } from './third-party-invites/bound-invite-job.ts'

/** What the answering side is built from. */
export interface InboundOptions {
  readonly actions: RoomActions
  readonly federation: Pick<Federation, 'keyRing' | 'backoff' | 'client' | 'access'>
  readonly fetcher: RoomFetcher
  readonly policySigner: PolicySigner
  /** Not started yet: the job that fetches causes is registered with it. */
  readonly jobs: JobRunner
  readonly ephemeral: Pick<EphemeralBus, 'setTyping'>
  /** Handlers of ephemeral messages beside those about rooms. */
  readonly edus?: EduHandlers
  /** How much each server may ask. */
  readonly window: WindowSize
  readonly log: FederationLog
}

/** Builds the answering side of federation, and registers its job. */
export function createInbound(options: InboundOptions): InboundContext {
  const { actions, federation, jobs } = options
  const rooms = { rooms: actions.services, writer: actions.writer }
  const authenticator = (maxBodyBytes: number | undefined): Authenticator<FederationCaller> =>
    federationAuthenticator(
      {
        serverName: actions.services.serverName,
        keyRing: federation.keyRing,
        backoff: federation.backoff,
        access: federation.access,
      },
      maxBodyBytes,
    )
  const requests = new RequestWindows(options.window)
  const transactions = new RequestWindows({ ...options.window, sleepLimit: Infinity })
  const context: InboundContext = {
    ...rooms,
    authChains: new AuthChains((roomNid, ids) => authChainIds(actions.services.queries, roomNid, ids)),
    keyRing: federation.keyRing,
    gate: (maxBodyBytes) => ({ authenticate: authenticator(maxBodyBytes), turns: requests }),
    transactionGate: (maxBodyBytes) => ({ authenticate: authenticator(maxBodyBytes), turns: transactions }),
    jobs,
    fetcher: options.fetcher,
    edus: new Map([...roomEduHandlers(rooms, options.ephemeral), ...(options.edus ?? [])]),
    invites: localInvitePolicy(actions),
    policySigner: options.policySigner,
    limits: actions.limits,
    exchangeThirdPartyInvite: (room, invite) => exchangeThirdPartyInvite(actions, room, invite),
    log: options.log,
  }
  jobs.register(receiveStagedJob(context))
  federation.backoff.onRecovered((serverName) => void retryStagedFrom(context, serverName))
  jobs.register(boundInviteJob(context, federation.client))
  return context
}
