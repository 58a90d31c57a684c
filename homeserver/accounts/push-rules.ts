import { copyRoomRules } from '../../protocol/push-rules/copy-room-rules.ts'
import {
  pushRulesetOf,
  shownPushRules,
  UNCHANGED_PUSH_RULES,
  type StoredPushRules,
} from '../../protocol/push-rules/stored-push-rules.ts'
import { findAccountData } from '../../storage/accounts/account-data-reader.ts'
import { usersWithAccountData } from '../../storage/push/changed-rules-reader.ts'
import { NO_ROOM } from '../../storage/accounts/account-data-write.ts'
import type { Queries } from '../../storage/database.ts'
import type { UserNid } from '../../storage/numeric-ids.ts'
import type { Accounts } from './accounts.ts'
import { changeAccountData } from './change-account-data.ts'
import type { LocalUser } from './sessions.ts'

/** Under this type of account data a user's changes to the push rules are stored, and the whole rules are sent. */
export const PUSH_RULES_TYPE = 'm.push_rules'

/** What a user has made of the default push rules. */
export async function storedPushRulesOf(queries: Queries, userNid: UserNid): Promise<StoredPushRules> {
  return parseStoredPushRules(await findAccountData(queries, userNid, NO_ROOM, PUSH_RULES_TYPE))
}

/** Reads the stored content of the account data. @param content JSON text; undefined when nothing is stored. */
export function parseStoredPushRules(content: string | undefined): StoredPushRules {
  return content === undefined ? UNCHANGED_PUSH_RULES : (JSON.parse(content) as StoredPushRules)
}

/**
 * The content of the `m.push_rules` event as clients get it.
 *
 * @param content as stored, undefined when nothing is.
 * @param followsThreads whether threads notify those alone who have subscribed to them.
 */
export function pushRulesForClient(
  userId: string,
  content: string | undefined,
  followsThreads: boolean,
): string {
  const ruleset = pushRulesetOf(userId, parseStoredPushRules(content))
  return JSON.stringify({ global: shownPushRules(ruleset, followsThreads) })
}

/** Changes a user's push rules; changes at once are all kept. @throws what `change` throws, with nothing changed. */
export async function changePushRules(
  accounts: Pick<Accounts, 'queries' | 'committer'>,
  { userNid }: Pick<LocalUser, 'userNid'>,
  change: (stored: StoredPushRules) => StoredPushRules,
): Promise<void> {
  await changeAccountData(accounts, { userNid, roomNid: NO_ROOM, type: PUSH_RULES_TYPE }, (content) => {
    const stored = parseStoredPushRules(content)
    const changed = change(stored)
    return changed === stored ? content : JSON.stringify(changed)
  })
}

/** Gives the room that replaces another the push rules that local users have for the old one. */
export async function copyRoomPushRules(
  accounts: Pick<Accounts, 'queries' | 'committer'>,
  users: readonly UserNid[],
  oldRoomId: string,
  newRoomId: string,
): Promise<void> {
  const changed = await usersWithAccountData(accounts.queries, users, PUSH_RULES_TYPE)
  await Promise.all(
    changed.map((userNid) =>
      changePushRules(accounts, { userNid }, (stored) => copyRoomRules(stored, oldRoomId, newRoomId)),
    ),
  )
}
