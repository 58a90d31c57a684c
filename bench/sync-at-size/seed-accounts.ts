import { newAccessToken, newDeviceId, secretHash } from '../../homeserver/accounts/bearer-secrets.ts'
import { insertAccount } from '../../storage/accounts/account-writer.ts'
import { insertDevice } from '../../storage/accounts/device-writer.ts'
import { insertTokens } from '../../storage/accounts/token-writer.ts'
import type { Queries } from '../../storage/database.ts'
import type { Interner } from '../../storage/interning/interner.ts'

/** Makes accounts without passwords, each logged in on some devices; returns these devices' access tokens in order. */
export async function seedAccounts(
  queries: Queries,
  interner: Interner,
  userIds: readonly string[],
  devicesEach = 1,
): Promise<string[]> {
  const tokens: string[] = []
  for (const userId of userIds) {
    const userNid = await interner.userNid(userId)
    const createdTs = Date.now()
    const account = { userNid, passwordHash: null, admin: false, guest: false, appserviceId: null, createdTs }
    await insertAccount(queries, account)
    for (let device = 0; device < devicesEach; device++) {
      const deviceId = newDeviceId()
      await insertDevice(queries, { userNid, deviceId, displayName: null, createdTs })
      const token = newAccessToken()
      await insertTokens(queries, {
        userNid,
        deviceId,
        accessHash: secretHash(token),
        expiresTs: null,
        refreshHash: null,
        replacesRefreshHash: null,
        createdTs,
      })
      tokens.push(token)
    }
  }
  return tokens
}
