import { createAccount } from '../../homeserver/accounts/create-account.ts'
import { newUserId } from '../../homeserver/accounts/usernames.ts'
import { startBrowserSession } from '../../homeserver/oauth/browser-sessions.ts'
import type { Answer } from '../../homeserver/http/answer.ts'
import type { EndpointMiddleware } from '../../homeserver/http/endpoint.ts'
import { addressKey } from '../../homeserver/rate-limits/address-key.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { AccountApiContext } from '../context.ts'
import { registrationDisabled } from '../registration/register.ts'
import type { Browser } from './browser.ts'
import { formEndpoint, pageEndpoint } from './page-endpoint.ts'
import { form, problem } from './pages/form.ts'
import { html } from './pages/html.ts'
import { page } from './pages/layout.ts'
import { policyLinks } from './pages/policy-links.ts'
import { PATHS } from './paths.ts'
import { canSignUp, signUpOf, type SignUp } from './sign-up-ways.ts'
import { nextPage, signedIn } from './signed-in.ts'

/** `GET …/sign-up` (client-server API, "User registration": where `prompt=create` leads). */
export function signUpPage(context: AccountApiContext): EndpointMiddleware {
  return pageEndpoint(context, async (request, browser) => {
    const signUp = await signUpOf(context)
    if (!signUp) throw registrationDisabled()
    return showSignUp(context, browser, signUp, nextPage(request.query('continue')))
  })
}

/** `POST …/sign-up`. */
export function signUp(context: AccountApiContext): EndpointMiddleware {
  const { accounts, limits } = context
  return formEndpoint(context, async (request, browser, fields) => {
    const way = await signUpOf(context)
    if (!way || !(await canSignUp(context))) throw registrationDisabled()
    const next = nextPage(fields.get('continue') ?? undefined)
    const name = fields.get('user')?.trim() ?? ''
    try {
      const limitKey = addressKey(request.clientAddress)
      limits.registration.check(limitKey)
      const password = fields.get('password') ?? ''
      if (password === '') throw new MatrixError(400, 'M_MISSING_PARAM', 'Choose a password')
      if (password !== fields.get('repeated')) {
        throw new MatrixError(400, 'M_INVALID_PARAM', 'The two passwords differ')
      }
      const consentVersion = way.consent?.version
      if (consentVersion !== undefined && fields.get('accepted') !== consentVersion) {
        throw new MatrixError(400, 'M_MISSING_PARAM', 'An account is for those who accept the policies')
      }
      limits.registration.consume(limitKey)
      const user = await createAccount(accounts, {
        userId: newUserId(accounts, name),
        password,
        registrationToken: way.needsToken ? (fields.get('token') ?? '') : null,
        consentVersion,
      })
      return await signedIn(context, browser, next, () => startBrowserSession(accounts, user))
    } catch (error) {
      if (!(error instanceof MatrixError)) throw error
      return showSignUp(context, browser, way, next, { name, error: error.message, status: error.status })
    }
  })
}

function showSignUp(
  { config }: AccountApiContext,
  browser: Browser,
  { needsToken, consent }: SignUp,
  next: string,
  failed?: { name: string; error: string; status: number },
): Answer {
  const fields = html`<label
      >User name
      <input
        name="user"
        value="${failed?.name ?? ''}"
        autocomplete="username"
        autocapitalize="none"
        required
        autofocus
      />
    </label>
    <label
      >Password
      <input type="password" name="password" autocomplete="new-password" required />
    </label>
    <label
      >Password, once more
      <input type="password" name="repeated" autocomplete="new-password" required />
    </label>
    ${needsToken && html`<label>Registration token <input name="token" autocomplete="off" required /></label>`}
    ${policyLinks(browser, consent)}
    <button class="main">Create the account</button>`
  const signIn = browser.href(PATHS.signIn, { continue: next })
  const body = [
    problem(failed?.error),
    form(browser, PATHS.signUp, fields, { continue: next }),
    html`<p><a href="${signIn}">Sign in with an account that exists</a></p>`,
  ]
  return page(`New account on ${config.serverName}`, body, {
    status: failed?.status ?? 200,
    setCookie: browser.setCookie,
  })
}
