import type { Logger } from 'pino'
import { createFederation, type Federation } from '../../federation/client/create-federation.ts'
import type { OwnKeys } from '../../federation/keys/own-keys.ts'
import { FederationSender } from '../../federation/outbound/federation-sender.ts'
import type { Outbound } from '../../federation/outbound/outbound.ts'
import { createRemoteServers } from '../../federation/remote-rooms/create-remote-servers.ts'
import { createRoomFetcher, type RoomFetcher } from '../../federation/remote-rooms/room-fetcher.ts'
import type { OwnPolicy } from '../../federation/policy/own-policy.ts'
import type { Config } from '../config/config.ts'
import type { RemoteServers } from '../rooms/remote-servers.ts'
import type { RoomServices } from '../rooms/room-services.ts'
import type { RoomWriter } from '../rooms/room-writer.ts'

/** Everything that reaches out to other servers. */
export interface OpenFederation {
  readonly federation: Federation
  readonly remote: RemoteServers
  readonly fetcher: RoomFetcher
  /** Started by the caller, when everything that listens to commits does. */
  readonly outbound: Outbound
}

/** Builds the asking and the sending side of federation. */
export async function openFederation(
  config: Config,
  ownKeys: OwnKeys,
  services: RoomServices,
  writer: RoomWriter,
  ownPolicy: OwnPolicy | undefined,
  log: Logger,
  closing: AsyncDisposableStack,
): Promise<OpenFederation> {
  const { queries, committer, events, interner, serverName, signer, now } = services
  const federation = await createFederation({
    config: config.federation,
    notaries: config.identity.trustedKeyServers,
    ownKeys,
    queries,
    log,
  })
  closing.defer(() => federation.close())
  const { client, keyRing, threads, backoff } = federation
  const dependencies = { client, keyRing, threads, signer, events, log, now, serverName, queries, writer }
  const outbound = new FederationSender({
    serverName,
    client,
    backoff,
    retryPolicy: {
      minIntervalMs: config.federation.destinationMinRetryIntervalMs,
      multiplier: config.federation.destinationRetryMultiplier,
      maxIntervalMs: config.federation.destinationMaxRetryIntervalMs,
    },
    queries,
    committer,
    events,
    interner,
    partial: services.partial,
    log,
    now,
  })
  closing.defer(() => outbound.stop())
  return {
    federation,
    remote: createRemoteServers(dependencies, ownPolicy),
    fetcher: createRoomFetcher(dependencies),
    outbound,
  }
}
