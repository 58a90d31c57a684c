import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { countAccountData } from '../../storage/accounts/account-data-reader.ts'
import type { Queries } from '../../storage/database.ts'
import type { UserNid } from '../../storage/numeric-ids.ts'

/** Lists of direct chats and of ignored users grow; the first sync sends every one whole. */
export const MAX_CONTENT_BYTES = 256 * 1024
/** Several for each of thousands of rooms. */
const MAX_ENTRIES_PER_USER = 50_000

/** Whether a user may have one entry more. @throws MatrixError 400 M_LIMIT_EXCEEDED. */
export async function checkNewEntry(queries: Queries, userNid: UserNid): Promise<void> {
  if ((await countAccountData(queries, userNid)) < MAX_ENTRIES_PER_USER) return
  throw new MatrixError(
    400,
    'M_LIMIT_EXCEEDED',
    `A user has ${MAX_ENTRIES_PER_USER} entries of account data at most`,
  )
}
