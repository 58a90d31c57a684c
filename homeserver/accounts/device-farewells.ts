import { randomUUID } from 'node:crypto'
import type { Queries } from '../../storage/database.ts'
import type { JobPayload } from '../../storage/jobs/job.ts'
import { cancelJob, scheduleJob } from '../../storage/jobs/schedule-job.ts'
import type { JobRunner } from '../jobs/job-runner.ts'
import { tellListeners, type Accounts } from './accounts.ts'
import { forgetLocalNotificationSettings } from './local-notification-settings.ts'
import type { LocalUser } from './sessions.ts'

/** What is left to do once devices are gone: other users and servers have to hear of it. */
const FAREWELL = 'accounts.device-farewell'
/** By then whoever removed the devices has done it; only what a crash has left is there. */
const CRASHED_AFTER_MS = 60_000

/** The name of one removal of devices. */
export function newFarewell(): string {
  return randomUUID()
}

/** Notes that devices are about to go, in the transaction in which they do. */
export function scheduleFarewell(
  transaction: Queries,
  farewell: string,
  { userId }: LocalUser,
  deviceIds: readonly string[],
): Promise<void> {
  const payload = { userId, deviceIds: [...deviceIds] }
  return scheduleJob(transaction, {
    kind: FAREWELL,
    key: farewell,
    payload,
    runAt: Date.now() + CRASHED_AFTER_MS,
  })
}

/** Tells all who have to hear that devices are gone; to be told twice does no harm. */
export async function bidFarewell(
  accounts: Accounts,
  user: LocalUser,
  deviceIds: readonly string[],
): Promise<void> {
  await forgetLocalNotificationSettings(accounts, user, deviceIds)
  await tellListeners(accounts, (listener) => listener.devicesDeleted?.(user, deviceIds))
}

/** Forgets the note: everybody has heard. */
export async function dropFarewell(queries: Queries, farewell: string): Promise<void> {
  await cancelJob(queries, FAREWELL, farewell)
}

/** Declares the job that tells of devices whose removal a crash has interrupted. Before the start of the jobs. */
export function registerFarewells(jobs: JobRunner, accounts: Accounts): void {
  jobs.register({
    kind: FAREWELL,
    read: readFarewell,
    handle: async ({ userId, deviceIds }) =>
      bidFarewell(accounts, { userNid: await accounts.interner.userNid(userId), userId }, deviceIds),
  })
}

function readFarewell(payload: JobPayload): { userId: string; deviceIds: readonly string[] } {
  if (typeof payload !== 'object' || payload === null || !('userId' in payload) || !('deviceIds' in payload))
    throw new TypeError('no farewell')
  const { userId, deviceIds } = payload
  if (!Array.isArray(deviceIds)) throw new TypeError('no farewell')
  return { userId: String(userId), deviceIds: deviceIds.map(String) }
}
