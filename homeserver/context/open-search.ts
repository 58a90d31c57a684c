import type { Logger } from 'pino'
import type { Accounts } from '../accounts/accounts.ts'
import type { Config } from '../config/config.ts'
import type { JobRunner } from '../jobs/job-runner.ts'
import { startSearch, type Search } from '../search/search.ts'
import type { SyncServices } from '../sync/sync-services.ts'
import { UserDirectory } from '../user-directory/user-directory.ts'

/** What finds messages and users; undefined where the configuration does not want it. */
export interface Searches {
  readonly search: Search | undefined
  readonly userDirectory: UserDirectory | undefined
}

/** Starts it. Before the start of the jobs. */
export async function openSearch(
  config: Config,
  services: SyncServices,
  accounts: Accounts,
  jobs: JobRunner,
  log: Logger,
  closing: AsyncDisposableStack,
): Promise<Searches> {
  const onError = (error: unknown): void => log.error({ err: error }, 'the index of searches fell behind')
  const search = config.search.enabled ? await startSearch(services, config.search, jobs, onError) : undefined
  closing.defer(() => search?.stop())
  const userDirectory = config.userDirectory.enabled
    ? await UserDirectory.start(services, config.userDirectory, jobs, onError)
    : undefined
  closing.defer(() => userDirectory?.stop())
  if (userDirectory) accounts.listeners.push(userDirectory.listener)
  return { search, userDirectory }
}
