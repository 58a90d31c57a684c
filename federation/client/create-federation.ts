import type { FederationConfig } from '../../homeserver/config/sections/federation.ts'
import type { IdentityConfig } from '../../homeserver/config/sections/identity.ts'
import type { Queries } from '../../storage/database.ts'
import { insecureKeys } from '../keys/insecure-keys.ts'
import { keyCache } from '../keys/key-cache.ts'
import { createKeyRing, type KeyRing } from '../keys/key-ring.ts'
import type { OwnKeys } from '../keys/own-keys.ts'
import { VerificationThreads } from '../keys/verification/verification-threads.ts'
import type { NameResolver } from '../../homeserver/outgoing/addresses/name-resolver.ts'
import { systemResolver } from '../../homeserver/outgoing/addresses/system-resolver.ts'
import { destinationBackoff, type DestinationBackoff } from './backoff/destination-backoff.ts'
import { serverNameResolver } from './discovery/resolve-server-name.ts'
import { serviceRecords } from './discovery/service-records.ts'
import { staticPeers } from './discovery/static-peers.ts'
import { wellKnownCache } from './discovery/well-known-cache.ts'
import { fetchWellKnown } from './discovery/well-known.ts'
import type { RemoteMediaSource } from '../../homeserver/media/remote-copies.ts'
import { linkedFiles } from './media/linked-files.ts'
import { remoteMediaSource } from './media/remote-media-source.ts'
import { federationAccess, type FederationAccess } from './federation-access.ts'
import { federationClient, type FederationClient } from './federation-client.ts'
import { destinationPools } from './transport/destination-pools.ts'
import { dialer, type Dial } from './transport/dial.ts'
import { dialOptions } from './transport/dial-options.ts'
import type { FederationLog } from './transport/federation-log.ts'
import { federationTransport, type FederationTransport } from './transport/federation-transport.ts'

export interface FederationOptions {
  readonly config: FederationConfig
  readonly notaries: IdentityConfig['trustedKeyServers']
  readonly ownKeys: OwnKeys
  readonly queries: Queries
  readonly log: FederationLog
  /** Names by another way than the machine's, for networks with a DNS of their own. */
  readonly resolver?: NameResolver
  /** Wraps the opening of connections: a proxy, or ports that differ. */
  readonly throughDial?: (dial: Dial) => Dial
}

/** Everything that reaches out to other servers. */
export interface Federation {
  readonly client: FederationClient
  readonly transport: FederationTransport
  readonly backoff: DestinationBackoff
  readonly keyRing: KeyRing
  readonly access: FederationAccess
  readonly threads: VerificationThreads
  readonly media: RemoteMediaSource
  /** Lets running requests end and closes all connections. */
  close(): Promise<void>
}

/** @throws Error for a wrong static peer or address range, or an unreadable file of certificate authorities. */
export async function createFederation(options: FederationOptions): Promise<Federation> {
  const { config, ownKeys, queries, log } = options
  const resolver = options.resolver ?? systemResolver()
  const direct = dialer(await dialOptions(config, resolver))
  const dial = options.throughDial?.(direct) ?? direct
  const backoff = destinationBackoff(queries, {
    minIntervalMs: config.destinationMinRetryIntervalMs,
    multiplier: config.destinationRetryMultiplier,
    maxIntervalMs: config.destinationMaxRetryIntervalMs,
  })
  const access = federationAccess(config)
  const transport = federationTransport({
    signer: ownKeys,
    resolve: serverNameResolver({
      peers: staticPeers(config.staticPeers),
      delegate: wellKnownCache((host, now) => fetchWellKnown(dial, host, now)),
      services: serviceRecords(resolver),
    }),
    pools: destinationPools(dial),
    backoff,
    access,
    timeoutMs: config.clientTimeoutMs,
    shortRetries: config.maxShortRetries,
    log,
  })
  const keyRing = createKeyRing({
    ownKeys,
    cache: keyCache(queries, insecureKeys(config.blockedSigningKeys)),
    transport,
    notaries: options.notaries,
    log,
  })
  const threads = new VerificationThreads(keyRing)
  return {
    client: federationClient(transport),
    transport,
    backoff,
    keyRing,
    access,
    threads,
    media: remoteMediaSource(transport, linkedFiles(dial)),
    async close() {
      await transport.close()
      await threads.close()
    },
  }
}
