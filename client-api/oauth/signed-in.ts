import { endBrowserSession } from '../../homeserver/oauth/browser-sessions.ts'
import type { Answer } from '../../homeserver/http/answer.ts'
import type { AccountApiContext } from '../context.ts'
import type { Browser } from './browser.ts'
import { sendTo } from './pages/layout.ts'
import { isOwnPage, PATHS } from './paths.ts'

/** Signs a browser in, out of what it was signed in to before, and sends it on. */
export async function signedIn(
  { accounts }: AccountApiContext,
  browser: Browser,
  next: string,
  start: () => Promise<string>,
): Promise<Answer> {
  if (browser.sessionToken !== undefined) await endBrowserSession(accounts, browser.sessionToken)
  return sendTo(browser.href(next), browser.cookie('meridian_session', await start()))
}

/** Where a browser goes on after signing in. */
export function nextPage(wished: string | undefined): string {
  return wished !== undefined && isOwnPage(wished) ? wished : PATHS.account
}
