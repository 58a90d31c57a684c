import { findAccountData } from '../../storage/accounts/account-data-reader.ts'
import { ACCOUNT_DATA } from '../../storage/accounts/account-data-write.ts'
import type { RoomNid, UserNid } from '../../storage/numeric-ids.ts'
import type { Accounts } from './accounts.ts'

/** Which entry of account data. */
export interface AccountDataPlace {
  readonly userNid: UserNid
  /** `NO_ROOM` for global account data. */
  readonly roomNid: RoomNid
  readonly type: string
}

/** The last change of each entry that is under way, so that changes to one entry follow each other. */
const underWay = new Map<string, Promise<unknown>>()

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
  const key = `${userNid}/${roomNid}/${type}`
  const previous = underWay.get(key) ?? Promise.resolve()
  const mine = previous.then(async () => {
    const content = await findAccountData(queries, userNid, roomNid, type)
    const changed = change(content)
    if (changed === content) return
    await committer.submit(ACCOUNT_DATA, { userNid, roomNid, type, content: changed ?? null })
  })
  const settled = mine.catch(() => undefined)
  underWay.set(key, settled)
  try {
    await mine
  } finally {
    if (underWay.get(key) === settled) underWay.delete(key)
  }
}
