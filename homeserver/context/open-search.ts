import type { Logger } from 'pino'
import type { Accounts } from '../accounts/accounts.ts'
import type { Config } from '../config/config.ts'
import type { JobRunner } from '../jobs/job-runner.ts'
import { startSearch, type Search } from '../search/search.ts'
import type { SyncServices } from '../sync/sync-services.ts'

/** Starts what finds messages and users, as far as the configuration wants it. Before the start of the jobs. */
export async function openSearch(
  config: Config,
  services: SyncServices,
  _accounts: Accounts,
  jobs: JobRunner,
  log: Logger,
  closing: AsyncDisposableStack,
): Promise<{ readonly search: Search | undefined }> {
  const onError = (error: unknown): void => log.error({ err: error }, 'the index of searches fell behind')
  const search = config.search.enabled ? await startSearch(services, config.search, jobs, onError) : undefined
  closing.defer(() => search?.stop())
  return { search }
}
