import { findAccount } from '../../storage/accounts/account-reader.ts'
import { updateAccount } from '../../storage/accounts/account-writer.ts'
import { openDatabase, type DatabaseAddress } from '../../storage/database.ts'
import type { TestClient } from './test-client.ts'

/** Makes a registered user an administrator, and logs its client in anew: the session from before is remembered as it was. */
export async function makeAdministrator(address: DatabaseAddress, client: TestClient): Promise<void> {
  const database = openDatabase(address)
  const account = await findAccount(database.queries, client.userId)
  await updateAccount(database.queries, account!.userNid, { admin: true })
  await database.close()
  const identifier = { type: 'm.id.user', user: client.userId }
  const login = { type: 'm.login.password', identifier, password: 'correct horse battery' }
  client.token = String((await client.call('POST', '/login', login))['access_token'])
}
