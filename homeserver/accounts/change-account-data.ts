import { findAccountData } from '../../storage/accounts/account-data-reader.ts'
import { ACCOUNT_DATA } from '../../storage/accounts/account-data-write.ts'
import type { RoomNid, UserNid } from '../../storage/numeric-ids.ts'
import { OneAtATime } from '../turns/one-at-a-time.ts'
import type { Accounts } from './accounts.ts'

/** Which entry of account data. */
export interface AccountDataPlace {
  readonly userNid: UserNid
  /** `NO_ROOM` for global account data. */
  readonly roomNid: RoomNid
  readonly type: string
}

/** Changes to one entry follow each other. */
const turns = new OneAtATime()

/**
 * Replaces an entry by what `change` makes of it; changes at once are all kept.
 *
 * @param change from JSON text to JSON text; undefined stands for no entry. What it gives back unchanged is not written.
 * @throws what `change` throws, with nothing changed.
 */
export async function changeAccountData(
  { queries, committer }: Pick<Accounts, 'queries' | 'committer'>,
  { userNid, roomNid, type }: AccountDataPlace,
  change: (content: string | undefined) => string | undefined,
): Promise<void> {
  await turns.take(`${userNid}/${roomNid}/${type}`, async () => {
    const content = await findAccountData(queries, userNid, roomNid, type)
    const changed = change(content)
    if (changed === content) return
    await committer.submit(ACCOUNT_DATA, { userNid, roomNid, type, content: changed ?? null })
  })
}
