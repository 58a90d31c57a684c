import { userOfPassword } from '../../homeserver/accounts/log-in.ts'
import { endBrowserSession, startBrowserSession } from '../../homeserver/oauth/browser-sessions.ts'
import type { Answer } from '../../homeserver/http/answer.ts'
import type { EndpointMiddleware } from '../../homeserver/http/endpoint.ts'
import { addressKey } from '../../homeserver/rate-limits/address-key.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { AccountApiContext } from '../context.ts'
import type { Browser } from './browser.ts'
import { formEndpoint, pageEndpoint } from './page-endpoint.ts'
import { form, problem } from './pages/form.ts'
import { html, type HtmlPart } from './pages/html.ts'
import { page, sendTo } from './pages/layout.ts'
import { PATHS } from './paths.ts'
import { canSignUp } from './sign-up-ways.ts'
import { nextPage, signedIn } from './signed-in.ts'

interface SignInPage {
  readonly next: string
  readonly name?: string | undefined
  readonly error?: string
}

/** `GET …/sign-in`: the page where users say who they are, by password or through a provider. */
export function signInPage(context: AccountApiContext): EndpointMiddleware {
  return pageEndpoint(context, (request, browser) =>
    showSignIn(context, browser, { next: nextPage(request.query('continue')), name: request.query('hint') }),
  )
}

/** `POST …/sign-in`. */
export function signIn(context: AccountApiContext): EndpointMiddleware {
  const { accounts, config, limits } = context
  return formEndpoint(context, async (request, browser, fields) => {
    if (!config.login.passwordLogin) throw new MatrixError(403, 'M_FORBIDDEN', 'Passwords are not used here.')
    const next = nextPage(fields.get('continue') ?? undefined)
    const name = fields.get('user')?.trim() ?? ''
    try {
      limits.loginAddress.consume(addressKey(request.clientAddress))
      const user = await userOfPassword(accounts, name, fields.get('password') ?? '')
      if (user.locked) throw new MatrixError(403, 'M_USER_LOCKED', 'An administrator has locked this account')
      return await signedIn(context, browser, next, () => startBrowserSession(accounts, user))
    } catch (error) {
      if (!(error instanceof MatrixError)) throw error
      return showSignIn(context, browser, { next, name, error: error.message }, error.status)
    }
  })
}

/** `POST …/sign-out`. */
export function signOut(context: AccountApiContext): EndpointMiddleware {
  return formEndpoint(context, async (_request, browser, fields) => {
    if (browser.sessionToken !== undefined) await endBrowserSession(context.accounts, browser.sessionToken)
    const next = nextPage(fields.get('continue') ?? undefined)
    return sendTo(browser.href(PATHS.signIn, { continue: next }), browser.cookie('meridian_session', ''))
  })
}

async function showSignIn(
  context: AccountApiContext,
  browser: Browser,
  { next, name, error }: SignInPage,
  status = 200,
): Promise<Answer> {
  const { config } = context
  const fields = html`<label
      >User name
      <input
        name="user"
        value="${name ?? ''}"
        autocomplete="username"
        autocapitalize="none"
        required
        ${!name && 'autofocus'}
      />
    </label>
    <label
      >Password
      <input
        type="password"
        name="password"
        autocomplete="current-password"
        required
        ${name && 'autofocus'}
      />
    </label>
    <button class="main">Sign in</button>`
  const body = [
    problem(error),
    config.login.passwordLogin && form(browser, PATHS.signIn, fields, { continue: next }),
    providerLinks(context, browser, next),
    (await canSignUp(context)) &&
      html`<p><a href="${browser.href(PATHS.signUp, { continue: next })}">Create an account</a></p>`,
  ]
  return page(`Sign in to ${config.serverName}`, body, { status, setCookie: browser.setCookie })
}

function providerLinks({ config }: AccountApiContext, browser: Browser, next: string): HtmlPart {
  return config.sso.providers.map(({ id, name }) => {
    const href = browser.href(PATHS.startSso, { idp: id, continue: next })
    return html`<a class="button" href="${href}">Continue with ${name}</a>`
  })
}
