import {
  completeStage,
  findInteractiveSession,
  userOfSession,
} from '../../homeserver/accounts/interactive-sessions.ts'
import { isStage, STAGES, type Stage } from '../../homeserver/accounts/interactive-stages.ts'
import type { Accounts } from '../../homeserver/accounts/accounts.ts'
import type { Answer } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import type { IncomingRequest } from '../../homeserver/http/incoming-request.ts'
import { escapeHtml } from '../../homeserver/http/escape-html.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { UiaSession } from '../../storage/accounts/uia-sessions.ts'
import type { AccountApiContext } from '../context.ts'
import { authDonePage } from './auth-done-page.ts'
import { htmlPage } from './html-page.ts'
import { STAGE_FORMS, type StageForm } from './stage-forms.ts'

/** A form of a few fields, of which a captcha's answer is the longest. */
const MAX_FORM_BYTES = 32 * 1024

interface Step {
  readonly session: UiaSession
  readonly stage: Stage
  readonly form: StageForm
}

/** `GET /auth/{stage}/fallback/web`: a stage in the browser (client-server API, "Fallback"). */
export function getAuthFallback({ accounts }: AccountApiContext): Handler<undefined> {
  return async (request) => {
    const step = await stepOf(accounts, request)
    if (!step) return nothingToDo()
    return step.session.completed.includes(step.stage) ? authDonePage() : formPage(accounts, step)
  }
}

/** `POST` to the same address: the form. The id of the session, which nobody can guess, is what lets it in. */
export function postAuthFallback({ accounts }: AccountApiContext): Handler<undefined> {
  return async (request) => {
    const step = await stepOf(accounts, request)
    if (!step) return nothingToDo()
    const { session, stage, form } = step
    const sent = new URLSearchParams((await request.bytes({ maxBytes: MAX_FORM_BYTES })).toString())
    try {
      const result = await STAGES[stage].attempt?.(accounts, {
        auth: form.authOf(sent),
        user: await userOfSession(accounts, session),
        isRegistration: false,
        address: request.clientAddress,
      })
      if (!result?.passed) return formPage(accounts, step, result?.error, 401)
      await completeStage(accounts, session.sessionId, stage, result)
      return authDonePage()
    } catch (error) {
      if (!(error instanceof MatrixError)) throw error
      return formPage(accounts, step, error.message, error.status)
    }
  }
}

async function stepOf(accounts: Accounts, request: IncomingRequest): Promise<Step | undefined> {
  const stage = request.param('stage')
  const form = isStage(stage) ? STAGE_FORMS[stage] : undefined
  const session = await findInteractiveSession(accounts, request.query('session') ?? '')
  if (!isStage(stage) || !form || !session) return undefined
  // Nobody's password counts in a registration.
  if (stage === 'm.login.password' && session.userNid === null) return undefined
  return { session, stage, form }
}

function formPage(accounts: Accounts, { form }: Step, error?: string, status?: number): Answer {
  const alert = error === undefined ? '' : `<p role="alert">${escapeHtml(error)}</p>`
  const { title, sources } = form
  const body = `${alert}<form method="post">${form.fields(accounts)}<button class="main">${form.button}</button></form>`
  return htmlPage({ title, body, ...(sources && { sources }) }, status)
}

function nothingToDo(): Answer {
  const body = '<p>There is nothing to confirm here, or it has taken too long. Go back and try again.</p>'
  return htmlPage({ title: 'Nothing to confirm', body }, 400)
}
