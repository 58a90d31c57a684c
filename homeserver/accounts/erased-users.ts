import { erasedUserNids } from '../../storage/accounts/erased-users.ts'
import type { Queries } from '../../storage/database.ts'
import type { UserNid } from '../../storage/numeric-ids.ts'

/**
 * The users whose events are shown redacted to whoever was not there when they were sent (client-server API,
 * "Account deactivation": `erase`). They are few, so all of them are in memory.
 */
export type ErasedUsers = Set<UserNid>

/** Reads them at the start of the server. */
export async function loadErasedUsers(queries: Queries): Promise<ErasedUsers> {
  return new Set(await erasedUserNids(queries))
}
