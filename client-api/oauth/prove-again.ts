import { checkPassword } from '../../homeserver/accounts/check-password.ts'
import type { BrowserUser } from '../../homeserver/oauth/browser-sessions.ts'
import type { Answer } from '../../homeserver/http/answer.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { AccountApiContext } from '../context.ts'
import type { Browser } from './browser.ts'
import { sendTo } from './pages/layout.ts'
import { PATHS } from './paths.ts'

/** Whoever signed in through a provider so long ago has to do it again before it matters. */
const RECENT_MS = 10 * 60_000

/**
 * Has a user who is signed in prove it once more before something that cannot be undone: by the password, or, without
 * one, by signing in anew.
 *
 * @returns undefined once proved, else where the browser goes.
 * @throws MatrixError 403 for a wrong password, 429.
 */
export async function proveAgain(
  { accounts }: AccountApiContext,
  browser: Browser,
  user: BrowserUser,
  form: URLSearchParams,
): Promise<Answer | undefined> {
  if (user.hasPassword) {
    if (await checkPassword(accounts, user.userNid, form.get('password') ?? '', user.userId)) return undefined
    throw new MatrixError(403, 'M_FORBIDDEN', 'The password is wrong. Go back and try again.')
  }
  if (user.signedInTs + RECENT_MS > Date.now()) return undefined
  return sendTo(browser.href(PATHS.signIn, { continue: PATHS.account }))
}
