import type { Answer } from '../../homeserver/http/answer.ts'
import type { EndpointMiddleware } from '../../homeserver/http/endpoint.ts'
import { readRedirectUrl } from '../../homeserver/sso/login-redirect.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { oauthBaseUrl } from '../oauth/base-url.ts'
import { pageEndpoint } from '../oauth/page-endpoint.ts'
import { sendTo } from '../oauth/pages/layout.ts'
import { PATHS } from '../oauth/paths.ts'
import { canSignUp } from '../oauth/sign-up-ways.ts'
import { providerCalled, type SsoContext } from './sso-context.ts'
import { sendToProvider } from './start-sso.ts'

/** `GET /login/sso/redirect` (client-server API, "Client login via SSO"): to the only provider, or to our own page. */
export function ssoRedirect(context: SsoContext): EndpointMiddleware {
  return pageEndpoint(context, async (request, browser) => {
    const next = grantPage(readRedirectUrl(request.query('redirectUrl')))
    const [only, ...others] = context.providers.values()
    const ownPages = oauthBaseUrl(context.config, request) !== undefined
    if (!only && !ownPages) throw new MatrixError(404, 'M_UNRECOGNIZED', 'This server has no single sign-on.')
    if (only && others.length === 0 && !(ownPages && context.config.login.passwordLogin)) {
      return sendToProvider(context, request, browser, only, next)
    }
    // Clients from before v1.18 name it as MSC3824 does.
    const action = request.query('action') ?? request.query('org.matrix.msc3824.action')
    const registers = action === 'register' && !browser.user && (await canSignUp(context))
    const target = registers ? browser.href(PATHS.signUp, { continue: next }) : browser.href(next)
    return found(sendTo(target, browser.setCookie))
  })
}

/** `GET /login/sso/redirect/{idpId}`: to one provider. */
export function ssoRedirectTo(context: SsoContext): EndpointMiddleware {
  return pageEndpoint(context, (request, browser) => {
    const next = grantPage(readRedirectUrl(request.query('redirectUrl')))
    const client = providerCalled(context, request.param('idpId'))
    return sendToProvider(context, request, browser, client, next)
  })
}

function grantPage(redirectUrl: URL): string {
  return `${PATHS.grantLogin}?${new URLSearchParams({ redirectUrl: redirectUrl.href })}`
}

/** The status that the specification names for these two. */
function found(answer: Answer): Answer {
  return { ...answer, status: 302 }
}
