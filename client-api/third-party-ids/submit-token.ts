import { json, type Answer } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import { escapeHtml } from '../../homeserver/http/escape-html.ts'
import type { IncomingRequest } from '../../homeserver/http/incoming-request.ts'
import { addressKey } from '../../homeserver/rate-limits/address-key.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { AccountApiContext } from '../context.ts'
import { htmlPage } from '../fallback/html-page.ts'
import { requiredText } from '../http/body-fields.ts'
import { readForm } from '../oauth/form-body.ts'
import { noMail } from './errors.ts'
import { clientSecretOf } from './request-token.ts'

/**
 * The page that the link of a mail opens. It only asks: programs that look into mails open every link, and must not
 * confirm anything by it.
 */
export function askToConfirm({ accounts }: AccountApiContext): Handler<undefined> {
  return (request) => {
    if (!accounts.addressProofs) return problemPage(noMail())
    const hidden = ['token', 'sid'].map(
      (name) => `<input type="hidden" name="${name}" value="${escapeHtml(request.query(name) ?? '')}">`,
    )
    return htmlPage({
      title: 'Confirm your mail address',
      body: `<p>Press the button to confirm that this mail was for you.</p>
<form method="post" action="submit_token">${hidden.join('')}<button type="submit">Confirm</button></form>`,
    })
  }
}

/** `POST` to the same address: the form of that page, or JSON as `submitToken` of the identity service API takes it. */
export function submitToken({ accounts, limits }: AccountApiContext): Handler<undefined> {
  return async (request) => {
    const { addressProofs } = accounts
    if (!addressProofs) throw noMail()
    limits.thirdPartyIdValidation.check(`submit ${addressKey(request.clientAddress)}`)
    if (!(request.headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded')) {
      const body = await request.object()
      const [sid, token] = [requiredText(body, 'sid'), requiredText(body, 'token')]
      await counted(request, () => addressProofs.submit(sid, clientSecretOf(body), token))
      return json({ success: true })
    }
    const form = await readForm(request)
    const [sid, token] = [form.get('sid') ?? '', form.get('token') ?? '']
    try {
      const next = await counted(request, () => addressProofs.submit(sid, undefined, token))
      return donePage(next)
    } catch (error) {
      if (error instanceof MatrixError) return problemPage(error)
      throw error
    }
  }

  /** Wrong tokens count against the address, so that nobody can try them all. */
  async function counted<Result>(request: IncomingRequest, submit: () => Promise<Result>): Promise<Result> {
    try {
      return await submit()
    } catch (error) {
      limits.thirdPartyIdValidation.consume(`submit ${addressKey(request.clientAddress)}`)
      throw error
    }
  }
}

function donePage(nextLink: string | null): Answer {
  const next = nextLink === null ? '' : `<p><a href="${escapeHtml(nextLink)}">Continue</a></p>`
  return htmlPage({
    title: 'Your mail address is confirmed',
    body: `<p>You can go back to your app and continue there.</p>${next}`,
  })
}

function problemPage(error: MatrixError): Answer {
  return htmlPage({ title: 'This did not work', body: `<p>${escapeHtml(error.message)}.</p>` }, error.status)
}
