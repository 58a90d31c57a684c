import type { BrowserUser } from '../../homeserver/oauth/browser-sessions.ts'
import type { Answer } from '../../homeserver/http/answer.ts'
import { anybody, endpoint, type EndpointMiddleware } from '../../homeserver/http/endpoint.ts'
import { errorAnswer } from '../../homeserver/http/error-answer.ts'
import type { IncomingRequest } from '../../homeserver/http/incoming-request.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { AccountApiContext } from '../context.ts'
import { baseUrlOf } from './base-url.ts'
import { browserOf, checkFormIsOurs, type Browser } from './browser.ts'
import { readForm } from './form-body.ts'
import { html } from './pages/html.ts'
import { page, sendTo } from './pages/layout.ts'
import { PATHS } from './paths.ts'

type PageHandler = (request: IncomingRequest, browser: Browser) => Answer | Promise<Answer>
type FormHandler = (
  request: IncomingRequest,
  browser: Browser,
  form: URLSearchParams,
) => Answer | Promise<Answer>
type UserFormHandler = (
  form: URLSearchParams,
  user: BrowserUser,
  browser: Browser,
) => Answer | Promise<Answer>

/** A page for browsers. What goes wrong is a page too. */
export function pageEndpoint(context: AccountApiContext, handle: PageHandler): EndpointMiddleware {
  return endpoint(anybody, async (request) => {
    try {
      const base = baseUrlOf(context.config, request)
      if (base === undefined) throw new MatrixError(404, 'M_UNRECOGNIZED', 'This server has no such pages.')
      return await handle(request, await browserOf(context, request, base))
    } catch (error) {
      return errorPage(error)
    }
  })
}

/** What a form is submitted to. */
export function formEndpoint(context: AccountApiContext, handle: FormHandler): EndpointMiddleware {
  return pageEndpoint(context, async (request, browser) => {
    const form = await readForm(request)
    checkFormIsOurs(browser, form)
    return handle(request, browser, form)
  })
}

/** What a form of somebody who is signed in is submitted to; others sign in first, and then begin again. */
export function userFormEndpoint(context: AccountApiContext, handle: UserFormHandler): EndpointMiddleware {
  return formEndpoint(context, (_request, browser, form) => {
    if (!browser.user) return sendTo(browser.href(PATHS.signIn, { continue: PATHS.account }))
    return handle(form, browser.user, browser)
  })
}

/** The page of an error. What is not the browser's fault goes on to the log. */
export function errorPage(error: unknown): Answer {
  if (!(error instanceof MatrixError)) throw error
  const { headers } = errorAnswer(error)
  const answer = page('That did not work', html`<p role="alert">${error.message}</p>`, {
    status: error.status,
  })
  return { ...answer, headers: { ...headers, ...answer.headers } }
}
