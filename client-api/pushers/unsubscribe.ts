import { basename } from 'node:path/posix'
import type { Answer } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import { escapeHtml } from '../../homeserver/http/escape-html.ts'
import type { IncomingRequest } from '../../homeserver/http/incoming-request.ts'
import {
  isUnsubscribeToken,
  unsubscribeLink,
  type SubscribedPusher,
} from '../../homeserver/push/mail/unsubscribe-links.ts'
import type { ClientApiContext } from '../context.ts'
import { htmlPage } from '../fallback/html-page.ts'

/** Only the query of the link is wanted. */
const NO_BASE = 'http://localhost/'

/** The page that the link of a mail opens. It only asks: programs that look into mails open every link. */
export function askToUnsubscribe({ config }: ClientApiContext): Handler<undefined> {
  const { serverSecret } = config.secrets
  return (request) => {
    const pusher = pusherOf(request, serverSecret)
    if (!pusher) return wrongLink()
    const { pathname, search } = unsubscribeLink(serverSecret, NO_BASE, pusher)
    return htmlPage({
      title: 'No more mail about messages',
      body: `<p>Press the button, and ${escapeHtml(pusher.pushkey)} gets no more mail about unread messages of ${escapeHtml(pusher.userId)}.</p>
<form method="post" action="${escapeHtml(basename(pathname) + search)}"><button type="submit">Unsubscribe</button></form>`,
    })
  }
}

/** `POST` to the same address: the button of that page, or a mail program by itself (RFC 8058). */
export function unsubscribe({ config, interner, pushers }: ClientApiContext): Handler<undefined> {
  return async (request) => {
    const pusher = pusherOf(request, config.secrets.serverSecret)
    if (!pusher) return wrongLink()
    // Who presses it twice is told the same.
    await pushers.remove(await interner.userNid(pusher.userId), pusher.appId, pusher.pushkey)
    return htmlPage({
      title: 'You are unsubscribed',
      body: `<p>${escapeHtml(pusher.pushkey)} gets no more mail about unread messages. You can turn it on again in the settings of your app.</p>`,
    })
  }
}

/** What the link names, where its token is right. */
function pusherOf(request: IncomingRequest, secret: Uint8Array): SubscribedPusher | undefined {
  const [userId = '', appId = '', pushkey = ''] = ['user', 'app_id', 'pushkey'].map((key) =>
    request.query(key),
  )
  const pusher = { userId, appId, pushkey }
  return isUnsubscribeToken(secret, pusher, request.query('token') ?? '') ? pusher : undefined
}

function wrongLink(): Answer {
  return htmlPage(
    { title: 'This did not work', body: '<p>The link is not complete. Open it from the mail once more.</p>' },
    400,
  )
}
