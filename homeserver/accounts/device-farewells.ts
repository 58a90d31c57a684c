import { randomUUID } from 'node:crypto'
import { deleteDevices } from '../../storage/accounts/device-writer.ts'
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

/** Devices that are gone, of which others have to be told. */
export interface Removal {
  readonly deviceIds: readonly string[]
  /** The key of the job that tells of them after a crash. */
  readonly farewell: string
}

/**
 * Deletes devices with their tokens and keys, and notes in the same transaction that others have to be told. Unknown
 * ids are passed over.
 *
 * @returns what went, for `completeRemoval` after the commit; undefined for nothing.
 */
export async function removeWithFarewell(
  transaction: Queries,
  { userNid, userId }: LocalUser,
  deviceIds: readonly string[],
): Promise<Removal | undefined> {
  const deleted = await deleteDevices(transaction, userNid, deviceIds)
  if (deleted.length === 0) return undefined
  const farewell = randomUUID()
  await scheduleJob(transaction, {
    kind: FAREWELL,
    key: farewell,
    payload: { userId, deviceIds: deleted },
    runAt: Date.now() + CRASHED_AFTER_MS,
  })
  return { deviceIds: deleted, farewell }
}

/** Ends what is remembered of sessions on devices, after the commit that changed or deleted those. */
export function forgetSessions(
  { sessions, recentProofs }: Accounts,
  { userNid }: LocalUser,
  deviceIds: readonly string[],
): void {
  sessions.forget(userNid, deviceIds)
  for (const deviceId of deviceIds) recentProofs.forget({ userNid, deviceId })
}

/** Tells others of devices that are gone, after the commit. */
export async function completeRemoval(accounts: Accounts, user: LocalUser, removal: Removal): Promise<void> {
  await bidFarewell(accounts, user, removal.deviceIds)
  await cancelJob(accounts.queries, FAREWELL, removal.farewell)
}

/** Tells all who have to hear that devices are gone; to be told twice does no harm. */
async function bidFarewell(accounts: Accounts, user: LocalUser, deviceIds: readonly string[]): Promise<void> {
  await forgetLocalNotificationSettings(accounts, user, deviceIds)
  await tellListeners(accounts, (listener) => listener.devicesDeleted?.(user, deviceIds))
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
