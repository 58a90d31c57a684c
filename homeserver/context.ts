import type { Logger } from 'pino'
import type { ClientApiContext } from '../client-api/context.ts'
import { LiveServer } from '../client-api/live/live-server.ts'
import { clientRoutes, repositoryRoutes } from '../client-api/routes.ts'
import { createInbound } from '../federation/inbound/create-inbound.ts'
import { oneByOne } from '../federation/inbound/edus/edu-handler.ts'
import { deviceListEdus } from '../federation/inbound/e2ee/device-list-edus.ts'
import { directToDeviceHandler } from '../federation/inbound/e2ee/direct-to-device.ts'
import { presenceHandler } from '../federation/inbound/edus/presence.ts'
import { signedHeaders } from '../federation/client/transport/signed-headers.ts'
import { createNotary } from '../federation/keys/notary.ts'
import { createOwnPolicy } from '../federation/policy/own-policy.ts'
import { openIdUserInfoRoutes } from '../federation/inbound/routes/openid-user-info.ts'
import { federationRoutes } from '../federation/routes.ts'
import { createRemoteDirectory } from '../federation/remote-rooms/remote-directory.ts'
import { createOwnKeys } from '../federation/keys/own-keys.ts'
import { createAccounts } from './accounts/accounts.ts'
import { registerDepartures } from './accounts/deactivate-account.ts'
import { registerFarewells } from './accounts/device-farewells.ts'
import { AppServices } from './appservices/app-services.ts'
import { ensureSenders } from './appservices/ensure-senders.ts'
import type { RunningServer } from './cli/running-server.ts'
import type { Config } from './config/config.ts'
import { issueFirstAdminToken } from './context/first-admin-token.ts'
import { openAddressProofs } from './context/open-address-proofs.ts'
import { openE2ee } from './context/open-e2ee.ts'
import { openFederation } from './context/open-federation.ts'
import { openIdentityService } from './context/open-identity-service.ts'
import { openJoins } from './context/open-joins.ts'
import { openListeners } from './context/open-listeners.ts'
import { openMailNotices } from './context/open-mail-notices.ts'
import { openMailer } from './context/open-mailer.ts'
import { openMedia } from './context/open-media.ts'
import { openPush } from './context/open-push.ts'
import { openPresence } from './context/open-presence.ts'
import { openRooms } from './context/open-rooms.ts'
import { openSpreader } from './context/open-spreader.ts'
import { openStorage } from './context/open-storage.ts'
import { resumeToDevice } from './context/open-to-device.ts'
import { jobFailures } from './context/job-failures.ts'
import { localProfiles, remoteProfiles } from './context/profiles.ts'
import { openSearch } from './context/open-search.ts'
import { relayedTyping, relayReceipts } from './context/relay-ephemeral.ts'
import { SOFTWARE } from './context/software.ts'
import { watchRooms } from './context/watch-rooms.ts'
import { openAppServices } from './context/open-app-services.ts'
import { openDelayedEvents } from './delayed-events/delayed-events.ts'
import { openDirectory } from './directory/directory.ts'
import { EphemeralClock } from './ephemeral/ephemeral-clock.ts'
import { LocalEphemeralBus } from './ephemeral/typing.ts'
import { JobRunner } from './jobs/job-runner.ts'
import { createRateLimits } from './rate-limits/rate-limits.ts'
import { roomsAccountListener } from './rooms/actions/account-changes.ts'
import { createRoomActions } from './rooms/actions/room-actions.ts'
import { LocalRoomWriter } from './rooms/room-writer.ts'
import { startSlidingSync } from './sliding-sync/sliding-sync.ts'
import { threadSubscriptionsExtension } from './thread-subscriptions/sliding-extension.ts'
import { SentTransactions } from './sync/sent-transactions.ts'
import { IdentityBindings } from './third-party-ids/identity-bindings.ts'
import { startSync } from './sync/sync.ts'
import { registerUpkeep } from './upkeep/register-upkeep.ts'

/**
 * Builds the whole server and serves. This is the one place where the floors of the house meet: what a lower
 * floor needs of a higher one is passed in here.
 *
 * @param signal interrupts the start; what has been started until then is stopped.
 * @throws Error with a sentence for the administrator.
 */
export async function startServer(config: Config, log: Logger, signal: AbortSignal): Promise<RunningServer> {
  const closing = new AsyncDisposableStack()
  try {
    const database = await openStorage(config, log, signal, closing)
    const { queries } = database
    const ownKeys = createOwnKeys({
      serverName: config.serverName,
      signingKeys: config.secrets.signingKeys,
      oldKeys: config.identity.oldSigningKeys,
      refreshIntervalMs: config.identity.keyRefreshIntervalMs,
    })
    const services = await openRooms(config, database, ownKeys.signer, log, closing)
    const { committer, interner } = services
    const writer = new LocalRoomWriter(services)
    const jobs = new JobRunner(queries, {
      onError: jobFailures(log),
      // The claim on the database sees to it; jobs alone may be shared, over Redis.
      isAlone: config.redis === undefined,
      spreader: config.redis && openSpreader(config.redis, config.serverName, log),
    })
    closing.defer(() => jobs.stop())
    registerUpkeep(jobs, {
      queries,
      committer,
      writer,
      events: services.events,
      now: services.now,
      redactionRetentionMs: config.rooms.redactionRetentionMs,
      onError: (error) => log.error({ err: error }, 'upkeep left something as it was'),
    })
    const ownPolicy = config.policyServer && createOwnPolicy(config.policyServer)
    const { federation, remote, fetcher, outbound } = await openFederation(
      config,
      ownKeys,
      services,
      writer,
      ownPolicy,
      log,
      closing,
    )
    const limits = createRateLimits(config.rateLimits)
    const appServices = new AppServices(config.appServices)
    const sent = new SentTransactions()
    const identityService = openIdentityService(
      config,
      (destination, request) => signedHeaders(ownKeys, destination, request),
      closing,
    )
    const rooms = createRoomActions({
      services,
      writer,
      remote,
      identityService,
      config: config.rooms,
      limits,
      appServices,
      sent,
    })
    const directory = await openDirectory(rooms, createRemoteDirectory(federation))
    const clock = new EphemeralClock()
    const ephemeral = new LocalEphemeralBus(clock)
    const relayFailed = (error: unknown): void =>
      log.warn({ err: error }, 'an ephemeral message was not relayed')
    const sync = await startSync(services, { ephemeral, sent })
    const presence = openPresence({ config, services, clock, sync, outbound, log, closing })
    const mailer = openMailer(config, closing)
    const identityBindings = new IdentityBindings({ queries, jobs, identityService })
    const accounts = createAccounts({
      serverName: config.serverName,
      publicBaseUrl: config.identity.publicBaseUrl,
      queries,
      interner,
      committer,
      registration: config.registration,
      login: config.login,
      registrationSharedSecret: config.secrets.registrationSharedSecret,
      limits,
      jobs,
      erasedUsers: services.erasedUsers,
      addressProofs: openAddressProofs(config, services, jobs, mailer),
      identityBindings,
      appServices,
      onError: (error) => log.error({ err: error }, 'account upkeep failed'),
    })
    accounts.listeners.push(roomsAccountListener(rooms), {
      accountDeactivated: async (user) => void (await identityBindings.unbindAll(user)),
    })
    registerDepartures(jobs, accounts)
    registerFarewells(jobs, accounts)
    await ensureSenders(accounts)
    closing.defer(() => accounts.lastSeen.flush())
    const tellsNames = config.federation.allowDeviceNameLookup
    const wiring = { services, sync, accounts, federation, outbound, jobs, log, closing, tellsNames }
    const { e2ee, extensions, membersKnown, resume, introduce } = await openE2ee(wiring)
    await watchRooms(rooms, { published: directory.published, introduce, jobs, log, closing })
    const followJoins = openJoins({
      services,
      writer,
      federation,
      jobs,
      log,
      closing,
      onMembersKnown: membersKnown,
    })
    const searches = await openSearch(config, sync.services, accounts, jobs, log, closing)
    const media = openMedia({ config, services, limits, jobs, source: federation.media, log, closing })
    const mailNotices = openMailNotices(config, sync.services, jobs, mailer, log)
    const push = openPush(config, sync.services, accounts, mailNotices, log, closing)
    const threadExtensions = config.rooms.threadSubscriptions ? [threadSubscriptionsExtension(queries)] : []
    const clientContext: ClientApiContext = {
      ...searches,
      config,
      queries,
      interner,
      committer,
      accounts,
      limits,
      rooms,
      delayedEvents: openDelayedEvents(rooms, config.delayedEvents, accounts, jobs),
      ephemeral: relayedTyping(ephemeral, outbound, relayFailed),
      sync,
      presence,
      pushers: push.pushers,
      slidingSync: await startSlidingSync(sync, [...extensions, ...threadExtensions]),
      e2ee,
      directory,
      media,
      remoteProfiles: remoteProfiles(remote),
    }
    const inbound = createInbound({
      actions: rooms,
      federation,
      fetcher,
      policySigner: remote,
      jobs,
      ephemeral,
      edus: new Map([
        ...(config.presence.federates
          ? [['m.presence', oneByOne(presenceHandler(interner, presence))] as const]
          : []),
        ...deviceListEdus(e2ee.remoteLists.updates),
        ['m.direct_to_device', directToDeviceHandler(e2ee.toDevice, limits)],
      ]),
      window: config.rateLimits.federation,
      log,
    })
    const serverRoutes = federationRoutes({
      inbound,
      ownKeys,
      notary: createNotary(ownKeys, federation.keyRing, queries),
      limits,
      software: SOFTWARE,
      ownPolicy,
      profiles: localProfiles(queries),
      userKeys: { keys: e2ee.keys, showDeviceNames: tellsNames },
      profileLookup: config.federation.allowProfileLookup,
      media,
      publicRooms: config.federation.allowPublicRooms ? directory.published : undefined,
    })
    relayReceipts(services, outbound, relayFailed)
    await outbound.start()
    await resumeToDevice(services, outbound)
    await openAppServices(appServices, sync, presence, log, closing)
    await resume()
    await push.start()
    await followJoins()
    await jobs.start()
    const live = new LiveServer(clientContext, config.live, (error) =>
      log.error({ err: error }, 'a live sync failed'),
    )
    const repository = repositoryRoutes(clientContext)
    const addresses = await openListeners(
      config,
      {
        client: [...clientRoutes(clientContext), ...repository],
        federation: [...serverRoutes, ...repository],
        openid: [openIdUserInfoRoutes(queries)],
        media: repository,
      },
      log,
      closing,
      live,
    )
    closing.defer(() => live.close())
    signal.throwIfAborted()
    return {
      addresses,
      issueFirstAdminToken: () => issueFirstAdminToken(queries),
      close: () => closing.disposeAsync(),
    }
  } catch (error) {
    await closing.disposeAsync()
    throw error
  }
}
