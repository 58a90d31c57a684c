import { startBrowserSession } from '../../homeserver/oauth/browser-sessions.ts'
import type { Answer } from '../../homeserver/http/answer.ts'
import type { EndpointMiddleware } from '../../homeserver/http/endpoint.ts'
import { addressKey } from '../../homeserver/rate-limits/address-key.ts'
import { accountNamed } from '../../homeserver/sso/account-of-identity.ts'
import { lookUpStep, useStep } from '../../homeserver/sso/steps.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { Browser } from '../oauth/browser.ts'
import { formEndpoint } from '../oauth/page-endpoint.ts'
import { form, problem } from '../oauth/pages/form.ts'
import { html } from '../oauth/pages/html.ts'
import { page } from '../oauth/pages/layout.ts'
import { PATHS } from '../oauth/paths.ts'
import { signedIn } from '../oauth/signed-in.ts'
import type { SsoContext } from './sso-context.ts'

/** The page where a user whom the provider gave no free name chooses one. @param secret of the kept step. */
export function nameForm(
  { config }: SsoContext,
  browser: Browser,
  secret: string,
  suggestion: string,
  error?: string,
): Answer {
  const fields = html`<label
      >User name
      <input
        name="user"
        value="${suggestion}"
        autocomplete="username"
        autocapitalize="none"
        required
        autofocus
      />
    </label>
    <button class="main">Create the account</button>`
  const body = [
    html`<p>It will be part of your address, @name:${config.serverName}, and can never be changed.</p>`,
    problem(error),
    form(browser, PATHS.chooseName, fields, { step: secret }),
  ]
  return page('Choose a user name', body, {
    status: error === undefined ? 200 : 400,
    setCookie: browser.setCookie,
  })
}

/** `POST …/sso/choose-name`. */
export function chooseName(context: SsoContext): EndpointMiddleware {
  const { accounts, limits } = context
  return formEndpoint(context, async (request, browser, fields) => {
    const secret = fields.get('step') ?? ''
    const name = fields.get('user')?.trim() ?? ''
    const step = await lookUpStep(accounts, 'naming', secret, browser.id)
    if (!step) throw new MatrixError(400, 'M_UNKNOWN', 'This has taken too long. Begin to sign in again.')
    try {
      limits.registration.consume(addressKey(request.clientAddress))
      const user = await accountNamed(accounts, { id: step.idpId }, step, name)
      await useStep(accounts, 'naming', secret, browser.id)
      const { ssoSession } = step
      const session = ssoSession === undefined ? undefined : Buffer.from(ssoSession, 'hex')
      return await signedIn(context, browser, step.next, () => startBrowserSession(accounts, user, session))
    } catch (error) {
      if (!(error instanceof MatrixError) || error.status === 403) throw error
      return nameForm(context, browser, secret, name, error.message)
    }
  })
}
