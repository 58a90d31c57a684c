import type { Logger } from 'pino'
import type { ClientApiContext } from '../client-api/context.ts'
import { clientRoutes } from '../client-api/routes.ts'
import { createFederation } from '../federation/client/create-federation.ts'
import { createOwnKeys } from '../federation/keys/own-keys.ts'
import { createAccounts } from './accounts/accounts.ts'
import type { RunningServer } from './cli/running-server.ts'
import type { Config } from './config/config.ts'
import { issueFirstAdminToken } from './context/first-admin-token.ts'
import { openListeners } from './context/open-listeners.ts'
import { openRooms } from './context/open-rooms.ts'
import { openStorage } from './context/open-storage.ts'
import { LocalEphemeralBus } from './ephemeral/typing.ts'
import { JobRunner } from './jobs/job-runner.ts'
import { createRateLimits } from './rate-limits/rate-limits.ts'
import { roomsAccountListener } from './rooms/actions/account-changes.ts'
import { createRoomActions } from './rooms/actions/room-actions.ts'
import { LocalRoomWriter } from './rooms/room-writer.ts'
import { SentTransactions } from './sync/sent-transactions.ts'
import { startSync } from './sync/sync.ts'

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
      onError: (error, kind) => log.error({ err: error, kind }, 'a job failed'),
    })
    closing.defer(() => jobs.stop())
    const federation = await createFederation({
      config: config.federation,
      notaries: config.identity.trustedKeyServers,
      ownKeys,
      queries,
      log,
    })
    closing.defer(() => federation.close())
    const limits = createRateLimits(config.rateLimits)
    const sent = new SentTransactions()
    const rooms = createRoomActions({
      services,
      writer,
      remote: undefined,
      config: config.rooms,
      limits,
      sent,
    })
    const ephemeral = new LocalEphemeralBus()
    const sync = await startSync(services, { ephemeral, sent })
    const accounts = createAccounts({
      serverName: config.serverName,
      queries,
      interner,
      committer,
      registration: config.registration,
      login: config.login,
      registrationSharedSecret: config.secrets.registrationSharedSecret,
      limits,
      onError: (error) => log.error({ err: error }, 'account upkeep failed'),
    })
    accounts.listeners.push(roomsAccountListener(rooms))
    closing.defer(() => accounts.lastSeen.flush())
    const clientContext: ClientApiContext = {
      config,
      queries,
      interner,
      committer,
      accounts,
      limits,
      rooms,
      ephemeral,
      sync,
    }
    const addresses = await openListeners(config, { client: clientRoutes(clientContext) }, log, closing)
    await jobs.start()
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
