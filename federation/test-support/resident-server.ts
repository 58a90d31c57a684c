import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '../../homeserver/config/load-config.ts'
import { PublishedRooms } from '../../homeserver/directory/public-rooms/published-rooms.ts'
import { LocalEphemeralBus } from '../../homeserver/ephemeral/typing.ts'
import { createListener } from '../../homeserver/http/listener.ts'
import { JobRunner } from '../../homeserver/jobs/job-runner.ts'
import { AppServices } from '../../homeserver/appservices/app-services.ts'
import { createRateLimits } from '../../homeserver/rate-limits/rate-limits.ts'
import type { Actor } from '../../homeserver/rooms/actions/actor.ts'
import { createRoomActions, type RoomActions } from '../../homeserver/rooms/actions/room-actions.ts'
import { createRoom } from '../../homeserver/rooms/actions/create-room/create-room.ts'
import type { RoomWish } from '../../homeserver/rooms/actions/create-room/room-wish.ts'
import type { EventDraft } from '../../homeserver/rooms/event-draft.ts'
import { openTestRooms } from '../../homeserver/rooms/room-services.fixture.ts'
import { LocalRoomWriter } from '../../homeserver/rooms/room-writer.ts'
import { SentTransactions } from '../../homeserver/sync/sent-transactions.ts'
import { insertAccount } from '../../storage/accounts/account-writer.ts'
import { createFederation } from '../client/create-federation.ts'
import { createInbound } from '../inbound/create-inbound.ts'
import { createNotary } from '../keys/notary.ts'
import { createOwnKeys } from '../keys/own-keys.ts'
import { createOwnPolicy } from '../policy/own-policy.ts'
import { createPolicySigner } from '../policy/policy-signer.ts'
import { createRoomFetcher } from '../remote-rooms/room-fetcher.ts'
import { completeJoinJob, followPartialJoins } from '../remote-rooms/complete-join/complete-join-job.ts'
import { federationRoutes } from '../routes.ts'
import type { PrivateNetwork } from './private-network.ts'
import { GENEROUS_WINDOW } from './generous-window.ts'

const LOG = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const GENEROUS = '{ per_second: 10000, burst_count: 10000 }'

const WISH: RoomWish = {
  version: undefined,
  preset: 'public_chat',
  creationContent: {},
  powerLevelOverride: {},
  initialState: [],
  aliasLocalpart: undefined,
  name: undefined,
  topic: undefined,
  invite: [],
  isDirect: false,
}

/** A server with rooms and all routes of federation, on a database of its own and over TLS. */
export interface ResidentServer {
  readonly serverName: string
  readonly actions: RoomActions
  /** Its public directory, which other servers may read. */
  readonly published: PublishedRooms
  readonly ephemeral: LocalEphemeralBus
  /** The key of its policy server; undefined where it is none. */
  readonly policyKey: string | undefined
  /** A local user with an account. */
  user(localpart: string): Promise<Actor>
  createRoom(creator: Actor, wish?: Partial<RoomWish>): Promise<string>
  /** Sends a local event. Returns its id. */
  send(roomId: string, draft: EventDraft): Promise<string>
  close(): Promise<void>
}

/** Starts one. @param config further lines of YAML. */
export async function residentServer(
  network: PrivateNetwork,
  serverName: string,
  config = '',
): Promise<ResidentServer> {
  const directory = await mkdtemp(join(tmpdir(), 'meridian-resident-'))
  const file = join(directory, 'homeserver.yaml')
  const invites = config.includes('rc_invites:')
    ? ''
    : `rc_invites: { per_room: ${GENEROUS}, per_user: ${GENEROUS} }\n`
  const limits = `rc_room_creation: ${GENEROUS}\n${invites}`
  const reach = `federation_custom_ca_list: [${network.caPath}]\nip_range_whitelist: [127.0.0.0/8]\n`
  await writeFile(file, `server_name: ${serverName}\n${limits}${reach}${config}`)
  const loaded = await loadConfig({ file, dataDir: directory })
  const ownKeys = createOwnKeys({
    serverName,
    signingKeys: loaded.secrets.signingKeys,
    oldKeys: new Map(),
    refreshIntervalMs: 86_400_000,
  })
  const rooms = await openTestRooms(serverName)
  const services = { ...rooms.services, signer: ownKeys.signer }
  const { queries } = services
  const writer = new LocalRoomWriter(services)
  const actions = createRoomActions({
    services,
    writer,
    remote: undefined,
    config: loaded.rooms,
    limits: createRateLimits(loaded.rateLimits),
    appServices: new AppServices([]),
    sent: new SentTransactions(),
  })
  const federation = await createFederation({
    config: loaded.federation,
    notaries: [],
    ownKeys,
    queries,
    log: LOG,
    resolver: network.resolver,
    throughDial: network.throughDial,
  })
  const jobs = new JobRunner(queries, { onError: () => {} })
  const ephemeral = new LocalEphemeralBus()
  const { keyRing, threads, client } = federation
  const fetcher = createRoomFetcher({
    client,
    keyRing,
    threads,
    signer: services.signer,
    events: services.events,
    log: LOG,
    now: Date.now,
  })
  const ownPolicy = loaded.policyServer && createOwnPolicy(loaded.policyServer)
  const completion = {
    services,
    writer,
    client,
    keyRing,
    threads,
    signer: services.signer,
    events: services.events,
    log: LOG,
    now: Date.now,
    onMembersKnown: async () => undefined,
  }
  jobs.register(completeJoinJob(completion))
  await followPartialJoins(completion, jobs)
  const inbound = createInbound({
    actions,
    federation,
    fetcher,
    policySigner: createPolicySigner({ serverName, client, ownPolicy, log: LOG }),
    jobs,
    ephemeral,
    window: GENEROUS_WINDOW,
    log: LOG,
  })
  const published = await PublishedRooms.open(services)
  const routes = federationRoutes({
    inbound,
    ownKeys,
    notary: createNotary(ownKeys, keyRing, queries),
    limits: actions.limits,
    software: { name: 'Meridian', version: 'test' },
    ownPolicy,
    profiles: { publicProfile: async () => undefined },
    profileLookup: true,
    publicRooms: published,
  })
  const { certificate, privateKey } = await network.issue(serverName)
  const tls = { cert: certificate, key: privateKey }
  const listener = await createListener(routes, { port: 0, host: '127.0.0.1', tls, log: LOG })
  network.addresses.set(serverName, ['127.0.0.1'])
  network.services.set(`_matrix-fed._tcp.${serverName}`, [
    { name: serverName, port: listener.port, priority: 0, weight: 0 },
  ])
  await jobs.start()
  return {
    serverName,
    actions,
    published,
    ephemeral,
    policyKey: ownPolicy?.publicKeyBase64,
    async user(localpart) {
      const userId = `@${localpart}:${serverName}`
      const userNid = await services.interner.userNid(userId)
      await insertAccount(queries, {
        userNid,
        passwordHash: null,
        admin: false,
        guest: false,
        appserviceId: null,
        createdTs: Date.now(),
      })
      return { userNid, userId }
    },
    createRoom: (creator, wish = {}) => createRoom(actions, creator, { ...WISH, ...wish }),
    async send(roomId, draft) {
      return (await writer.submit(roomId, { kind: 'send', drafts: [draft] })).eventIds[0]!
    },
    async close() {
      await listener.close()
      await jobs.stop()
      await federation.close()
      await rooms.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
