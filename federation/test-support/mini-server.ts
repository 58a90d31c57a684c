import type { FederationConfig } from '../../homeserver/config/sections/federation.ts'
import type { TrustedKeyServer } from '../../homeserver/config/sections/identity.ts'
import { PRIVATE_RANGES } from '../../homeserver/config/values/address-range.ts'
import { json } from '../../homeserver/http/answer.ts'
import { declareRoutes, endpoint, type Routes } from '../../homeserver/http/endpoint.ts'
import { createListener } from '../../homeserver/http/listener.ts'
import { createSeed, createSigningKey, type SigningKey } from '../../protocol/crypto/ed25519.ts'
import { createTestDatabase } from '../../spec-tests/support/test-database.ts'
import { openDatabase, type Database } from '../../storage/database.ts'
import { createFederation, type Federation } from '../client/create-federation.ts'
import { federationAuthenticator } from '../inbound/authenticate.ts'
import { keyQueryRoutes } from '../inbound/routes/key-queries.ts'
import { queryDirectoryRoutes } from '../inbound/routes/query-directory.ts'
import { queryProfileRoutes } from '../inbound/routes/query-profile.ts'
import { serverKeyRoutes } from '../inbound/routes/server-keys.ts'
import { versionRoutes } from '../inbound/routes/version.ts'
import { RateLimiter } from '../../homeserver/rate-limits/rate-limiter.ts'
import { createNotary } from '../keys/notary.ts'
import { createOwnKeys, type OldSigningKey, type OwnKeys } from '../keys/own-keys.ts'
import type { PrivateNetwork } from './private-network.ts'
import { RequestWindows } from '../../homeserver/rate-limits/request-windows.ts'
import { GENEROUS_WINDOW } from './generous-window.ts'

/** A server that has keys, discovery, signed requests and their endpoints, and no rooms. */
export interface MiniServer {
  readonly serverName: string
  readonly port: number
  readonly signingKey: SigningKey
  readonly ownKeys: OwnKeys
  readonly federation: Federation
  readonly database: Database
  /** The patterns of the endpoints that have been called, in order. */
  readonly called: readonly string[]
  close(): Promise<void>
}

export interface MiniServerOptions {
  readonly config?: Partial<FederationConfig>
  readonly notaries?: readonly TrustedKeyServer[]
  readonly signingKey?: SigningKey
  readonly oldKeys?: ReadonlyMap<string, OldSigningKey>
  /** Further names of the certificate. */
  readonly alsoFor?: readonly string[]
  /** By default the server is at its SRV record and its certificate is for its name. */
  readonly announced?: boolean
  readonly moreRoutes?: readonly Routes[]
}

const LOG = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

export const miniFederationConfig: FederationConfig = {
  domainWhitelist: undefined,
  domainBlacklist: [],
  blockedSigningKeys: [],
  verifyCertificates: true,
  certificateVerificationWhitelist: [],
  customCaPaths: [],
  minimumTlsVersion: 'TLSv1.2',
  staticPeers: new Map(),
  clientTimeoutMs: 10_000,
  maxShortRetries: 1,
  destinationMinRetryIntervalMs: 60_000,
  destinationRetryMultiplier: 2,
  destinationMaxRetryIntervalMs: 3_600_000,
  ipRangeBlacklist: PRIVATE_RANGES,
  ipRangeWhitelist: ['127.0.0.0/8', '::1'],
  allowPublicRooms: true,
  allowProfileLookup: true,
  allowDeviceNameLookup: true,
}

/** The signed endpoint of mini servers that tells what arrived. */
export const ECHO = '/_matrix/federation/v1/send'

/** Starts a server on the loopback interface with a database and a certificate of its own. */
export async function miniServer(
  network: PrivateNetwork,
  serverName: string,
  options: MiniServerOptions = {},
): Promise<MiniServer> {
  const testDatabase = await createTestDatabase()
  const database = openDatabase(testDatabase.address)
  const signingKey = options.signingKey ?? createSigningKey(createSeed(), 'test')
  const ownKeys = createOwnKeys({
    serverName,
    signingKeys: [signingKey],
    oldKeys: options.oldKeys ?? new Map(),
    refreshIntervalMs: 86_400_000,
  })
  const federation = await createFederation({
    config: { ...miniFederationConfig, customCaPaths: [network.caPath], ...options.config },
    notaries: options.notaries ?? [],
    ownKeys,
    queries: database.queries,
    log: LOG,
    resolver: network.resolver,
    throughDial: network.throughDial,
  })
  const authenticate = federationAuthenticator({
    serverName,
    keyRing: federation.keyRing,
    backoff: federation.backoff,
    access: federation.access,
  })
  const gate = { authenticate, turns: new RequestWindows(GENEROUS_WINDOW) }
  const echo = declareRoutes()
  echo.put(
    `${ECHO}/:txnId`,
    endpoint(authenticate, async (request, { origin }) => {
      return json({ pdus: {}, origin, id: request.param('txnId'), body: await request.object() })
    }),
  )
  const called: string[] = []
  const { certificate, privateKey } = await network.issue(serverName, ...(options.alsoFor ?? []))
  const listener = await createListener(
    [
      serverKeyRoutes(ownKeys),
      keyQueryRoutes(createNotary(ownKeys, federation.keyRing, database.queries), {
        serverKeyQueries: new RateLimiter({ perSecond: 1_000, burstCount: 1_000 }),
      }),
      versionRoutes({ name: 'Mini', version: '1' }),
      queryProfileRoutes(gate, {
        serverName,
        allowed: true,
        profiles: {
          publicProfile: async (userId) =>
            userId === `@known:${serverName}` ? { displayname: 'Known', avatar_url: 'mxc://a/b' } : undefined,
        },
      }),
      queryDirectoryRoutes(gate, serverName, {
        resolveAlias: async (alias) =>
          alias === `#known:${serverName}`
            ? { roomId: `!room:${serverName}`, servers: [serverName] }
            : undefined,
      }),
      echo,
      ...(options.moreRoutes ?? []),
    ],
    {
      port: 0,
      host: '127.0.0.1',
      tls: { cert: certificate, key: privateKey },
      log: LOG,
      onAnswered: (pattern) => called.push(pattern),
    },
  )
  if (options.announced ?? true) {
    network.addresses.set(serverName, ['127.0.0.1'])
    network.services.set(`_matrix-fed._tcp.${serverName}`, [
      { name: serverName, port: listener.port, priority: 0, weight: 0 },
    ])
  }
  return {
    serverName,
    port: listener.port,
    signingKey,
    ownKeys,
    federation,
    database,
    called,
    async close() {
      await federation.close()
      await listener.close()
      await database.close()
      await testDatabase.close()
    },
  }
}
