import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { findOAuthSession } from '../../storage/oauth/oauth-sessions.ts'
import type { Accounts } from '../accounts/accounts.ts'
import type { Session } from '../accounts/sessions.ts'

/** Whether a device was logged in by OAuth 2.0. */
export async function isOAuthSession(
  { queries }: Pick<Accounts, 'queries'>,
  { userNid, deviceId }: Pick<Session, 'userNid' | 'deviceId'>,
): Promise<boolean> {
  return deviceId !== undefined && (await findOAuthSession(queries, userNid, deviceId)) !== undefined
}

/**
 * Keeps OAuth sessions away from endpoints that ask for a password: such a client never learns it, and does this on the
 * account page (client-server API, "OAuth 2.0 API").
 *
 * @throws MatrixError 404 M_UNRECOGNIZED, as servers answer that have OAuth 2.0 alone.
 */
export async function refuseOAuthSession(
  accounts: Pick<Accounts, 'queries'>,
  session: Pick<Session, 'userNid' | 'deviceId'>,
): Promise<void> {
  if (!(await isOAuthSession(accounts, session))) return
  throw new MatrixError(
    404,
    'M_UNRECOGNIZED',
    'Sessions of OAuth 2.0 do this on the account page of the server',
  )
}
