import { pruneAccounts } from '../../storage/accounts/prune-accounts.ts'
import { pruneSignIn } from '../../storage/oauth/prune-sign-in.ts'
import { pruneDelayedEvents } from '../../storage/delayed-events/prune-delayed-events.ts'
import { forgetOldFailedPulls } from '../../storage/federation/failed-pulls.ts'
import type { JobRunner } from '../jobs/job-runner.ts'
import { censorRedactedEvents } from './censor-redacted-events.ts'
import { collectState } from './collect-state.ts'
import { pruneClientTransactions } from './prune-client-transactions.ts'
import { pruneCommits } from './prune-commits.ts'
import { pruneCounting } from './prune-counting.ts'
import { pruneResolutions } from './prune-resolutions.ts'
import { pruneSlidingSync } from './prune-sliding-sync.ts'
import type { UpkeepContext } from './upkeep-context.ts'

/** Often enough that each time there is little to do; everything that upkeep removes may well stay for an hour. */
const INTERVAL_MS = 3_600_000

/** For so long clients may learn what became of a delayed event, as MSC4140 recommends. */
const FINALISED_EVENTS_MS = 7 * 24 * 3_600_000

/** Nobody has wanted for so long what could not be fetched from other servers. */
const FAILED_PULLS_MS = 7 * 24 * 3_600_000

/** Has the server's regular upkeep done by the jobs. Before their start. */
export function registerUpkeep(jobs: JobRunner, context: UpkeepContext): void {
  const { queries, now } = context
  const upkeep: Readonly<Record<string, (signal: AbortSignal) => Promise<unknown>>> = {
    'upkeep.accounts': () => pruneAccounts(queries, now()),
    'upkeep.client-transactions': (signal) => pruneClientTransactions(queries, now(), signal),
    'upkeep.commits': (signal) => pruneCommits(queries, signal),
    'upkeep.counting': (signal) => pruneCounting(queries, now(), signal),
    'upkeep.delayed-events': () => pruneDelayedEvents(queries, now() - FINALISED_EVENTS_MS),
    'upkeep.failed-pulls': () => forgetOldFailedPulls(queries, now() - FAILED_PULLS_MS),
    'upkeep.sign-in': () => pruneSignIn(queries, now()),
    'upkeep.redactions': (signal) =>
      censorRedactedEvents(context, now() - context.redactionRetentionMs, signal),
    'upkeep.state-resolutions': (signal) => pruneResolutions(queries, now(), signal),
    'upkeep.state': (signal) => collectState(context, context.writer, signal),
    'upkeep.sliding-sync': (signal) => pruneSlidingSync(queries, now(), signal),
  }
  for (const [kind, work] of Object.entries(upkeep)) {
    jobs.register({
      kind,
      read: () => null,
      handle: async (_payload, { signal }) => {
        await work(signal)
      },
    })
    jobs.every(kind, INTERVAL_MS)
  }
}
