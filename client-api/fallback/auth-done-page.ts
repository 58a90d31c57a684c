import type { Answer } from '../../homeserver/http/answer.ts'
import { htmlPage } from './html-page.ts'

/** How the client that opened the page learns of it (client-server API, "Fallback"). */
const TELL_CLIENT = `
if (window.onAuthDone) {
  window.onAuthDone()
} else if (window.opener && window.opener.postMessage) {
  window.opener.postMessage('authDone', '*')
}
`

/** The page after a stage of interactive authentication has been completed in a browser. */
export function authDonePage(): Answer {
  const body = '<p>You may close this window and go back to your client.</p>'
  return htmlPage({ title: 'Done', body, script: TELL_CLIENT })
}
