import { isJsonObject, ownValue, type JsonValue } from '../../protocol/json/value.ts'
import type { Queries } from '../../storage/database.ts'
import type { StoredEvent } from '../../storage/events/stored-event.ts'
import { AccountSetting } from './account-setting.ts'

/** The account data that lists them. */
export const IGNORED_USERS_TYPE = 'm.ignored_user_list'

/** The users whose messages and invites a user does not want to see (client-server API, "Ignoring Users"). */
export type IgnoredUsers = AccountSetting<ReadonlySet<string>>

const NOBODY: ReadonlySet<string> = new Set()

/** Reads `m.ignored_user_list`. The caller has it absorb commits. */
export function createIgnoredUsers(queries: Queries): IgnoredUsers {
  return new AccountSetting(queries, IGNORED_USERS_TYPE, ignoredUsersIn)
}

/** Whether a user who ignores `ignored` goes without an event: state is shown all the same. */
export function isIgnored(
  { event }: { readonly event: Pick<StoredEvent['event'], 'sender' | 'stateKey'> },
  ignored: ReadonlySet<string>,
): boolean {
  return event.stateKey === undefined && ignored.has(event.sender)
}

/** Reads the content of the account data; what is malformed ignores nobody. */
export function ignoredUsersIn(content: JsonValue | undefined): ReadonlySet<string> {
  const users = isJsonObject(content) ? ownValue(content, 'ignored_users') : undefined
  return isJsonObject(users) ? new Set(Object.keys(users)) : NOBODY
}
