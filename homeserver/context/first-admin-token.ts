import { randomBytes } from 'node:crypto'
import { hasAdmin } from '../../storage/accounts/account-reader.ts'
import { insertRegistrationToken } from '../../storage/accounts/registration-tokens.ts'
import type { Queries } from '../../storage/database.ts'

/** Long enough that nobody guesses it, short enough to be typed. */
const TOKEN_BYTES = 15
/** The administrator sits in front of the terminal; a restart gives another token. */
const LIFETIME_MS = 24 * 3600 * 1000

/** Makes a token that registers one administrating user; undefined when the server has one. */
export async function issueFirstAdminToken(queries: Queries): Promise<string | undefined> {
  if (await hasAdmin(queries)) return undefined
  const token = randomBytes(TOKEN_BYTES).toString('base64url')
  await insertRegistrationToken(queries, {
    token,
    usesAllowed: 1,
    expiresTs: Date.now() + LIFETIME_MS,
    makesAdmin: true,
  })
  return token
}
