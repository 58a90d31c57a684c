import type { EndpointMiddleware } from '../../homeserver/http/endpoint.ts'
import {
  isWhitelisted,
  loginLocation,
  readRedirectUrl,
  redirectTitle,
} from '../../homeserver/sso/login-redirect.ts'
import { formEndpoint, pageEndpoint } from '../oauth/page-endpoint.ts'
import { form } from '../oauth/pages/form.ts'
import { html } from '../oauth/pages/html.ts'
import { forwardTo, page, sendTo } from '../oauth/pages/layout.ts'
import { PATHS } from '../oauth/paths.ts'
import type { SsoContext } from './sso-context.ts'

/**
 * `GET …/sso/grant`: asks whether a client may have a login, so that a link alone cannot hand an account to whoever
 * made it (client-server API, "Client login via SSO", security considerations).
 */
export function grantLoginPage(context: SsoContext): EndpointMiddleware {
  const { accounts, config } = context
  return pageEndpoint(context, async (request, browser) => {
    const url = readRedirectUrl(request.query('redirectUrl'))
    const next = `${PATHS.grantLogin}?${new URLSearchParams({ redirectUrl: url.href })}`
    const { user } = browser
    if (!user) return sendTo(browser.href(PATHS.signIn, { continue: next }))
    if (isWhitelisted(url, config.sso.clientWhitelist))
      return forwardTo(await loginLocation(accounts, user, url))
    const title = redirectTitle(url)
    const body = [
      html`<p>You are signed in as <strong>${user.userId}</strong>.</p>
        <p>
          You are about to grant <strong>${title}</strong> full access to your account. If you have not just
          started to sign in there, close this page.
        </p>`,
      form(browser, PATHS.grantLogin, html`<button class="main">Continue to ${title}</button>`, {
        redirectUrl: url.href,
        user_id: user.userId,
      }),
      form(browser, PATHS.signOut, html`<button>Use another account</button>`, { continue: next }),
    ]
    return page('Allow access to your account?', body, { formTarget: url.href, setCookie: browser.setCookie })
  })
}

/** `POST …/sso/grant`: the user agrees. */
export function grantLogin(context: SsoContext): EndpointMiddleware {
  return formEndpoint(context, async (_request, browser, fields) => {
    const url = readRedirectUrl(fields.get('redirectUrl') ?? undefined)
    const { user } = browser
    if (!user || user.userId !== fields.get('user_id')) {
      return sendTo(browser.href(PATHS.grantLogin, { redirectUrl: url.href }))
    }
    return sendTo(await loginLocation(context.accounts, user, url))
  })
}
