import { allowReset, takeReset } from '../../storage/oauth/cross-signing-resets.ts'
import type { Accounts } from '../accounts/accounts.ts'
import type { LocalUser } from '../accounts/sessions.ts'

/** Time enough to go back to the client, which then sends the new keys by itself. */
const ALLOWED_MS = 10 * 60_000

/** Lets a user's clients replace the cross-signing keys once (client-server API, "OAuth authentication"). */
export async function allowCrossSigningReset({ queries }: Accounts, user: LocalUser): Promise<void> {
  await allowReset(queries, user.userNid, Date.now() + ALLOWED_MS)
}

/** Uses the permission up. Returns whether there was one. */
export async function takeCrossSigningReset({ queries }: Accounts, user: LocalUser): Promise<boolean> {
  return takeReset(queries, user.userNid, Date.now())
}
