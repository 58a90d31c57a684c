import { deletePersonalData, updateAccount } from '../../storage/accounts/account-writer.ts'
import { scheduleJob } from '../../storage/jobs/schedule-job.ts'
import type { JobPayload } from '../../storage/jobs/job.ts'
import type { JobRunner } from '../jobs/job-runner.ts'
import { tellListeners, type Accounts } from './accounts.ts'
import { removeAllDevices } from './devices.ts'
import type { LocalUser } from './sessions.ts'

/** What is left to do once an account is closed: its devices, its rooms. */
const DEPARTURE = 'accounts.departure'
/** Departures that are under way at the same time; each writes to the rooms of one user. */
const CONCURRENT_DEPARTURES = 2

/**
 * Closes an account for good: nobody can log in any more, and the name stays taken. The profile and all that is
 * kept beside events is gone at once; the rooms are left by a job, which survives a restart.
 *
 * @param erase whether the user wants everything gone that can go.
 */
export async function deactivateAccount(accounts: Accounts, user: LocalUser, erase: boolean): Promise<void> {
  await accounts.queries.transaction().execute(async (transaction) => {
    await updateAccount(transaction, user.userNid, { deactivated: true, erased: erase, password_hash: null })
    await deletePersonalData(transaction, user.userNid)
    await scheduleJob(transaction, {
      kind: DEPARTURE,
      key: String(user.userNid),
      payload: { userId: user.userId, erase },
      runAt: Date.now(),
    })
  })
  accounts.sessions.forget(user.userNid)
  if (erase) accounts.erasedUsers.add(user.userNid)
  await removeAllDevices(accounts, user)
  accounts.jobs.wake()
}

/** Declares the job that ends what a closed account leaves behind. Before the start of the jobs. */
export function registerDepartures(jobs: JobRunner, accounts: Accounts): void {
  jobs.register({
    kind: DEPARTURE,
    concurrency: CONCURRENT_DEPARTURES,
    read: readDeparture,
    handle: async ({ userId, erase }) => {
      const user = { userNid: await accounts.interner.userNid(userId), userId }
      await removeAllDevices(accounts, user)
      await tellListeners(accounts, (listener) => listener.accountDeactivated?.(user, erase))
    },
  })
}

function readDeparture(payload: JobPayload): { userId: string; erase: boolean } {
  if (typeof payload !== 'object' || payload === null || !('userId' in payload))
    throw new TypeError('no departure')
  return { userId: String(payload.userId), erase: payload.erase === true }
}
