import { ACCOUNT_DATA, NO_ROOM } from '../../storage/accounts/account-data-write.ts'
import { accountDataOf } from '../../storage/push/changed-rules-reader.ts'
import type { Accounts } from './accounts.ts'
import type { LocalUser } from './sessions.ts'

/** Account data by which a device says whether it notifies, each with the device's id behind it (MSC3890). */
const PREFIXES = ['m.local_notification_settings.', 'org.matrix.msc3890.local_notification_settings.']

/** Removes what devices that are gone had said of their notifications (MSC3890). */
export async function forgetLocalNotificationSettings(
  { queries, committer }: Accounts,
  { userNid }: LocalUser,
  deviceIds: readonly string[],
): Promise<void> {
  const types = PREFIXES.flatMap((prefix) => deviceIds.map((deviceId) => prefix + deviceId))
  const entries = await accountDataOf(queries, [userNid], types)
  await Promise.all(
    entries.map(({ type }) =>
      committer.submit(ACCOUNT_DATA, { userNid, roomNid: NO_ROOM, type, content: null }),
    ),
  )
}
