import { claimAccount, insertAccount } from '../../storage/accounts/account-writer.ts'
import type { Accounts } from '../accounts/accounts.ts'

/**
 * Makes the account of every application service's sender, which need not register itself, and notes whose it is.
 * Before the server serves.
 */
export async function ensureSenders({ appServices, interner, queries }: Accounts): Promise<void> {
  for (const { id, senderId } of appServices.all) {
    const userNid = await interner.userNid(senderId)
    const account = { userNid, passwordHash: null, admin: false, guest: false, appserviceId: id }
    if (await insertAccount(queries, { ...account, createdTs: Date.now() })) continue
    await claimAccount(queries, userNid, id)
  }
}
