import type { Accounts } from '../../homeserver/accounts/accounts.ts'
import type { Stage } from '../../homeserver/accounts/interactive-stages.ts'
import { policiesToAccept } from '../../homeserver/accounts/stages/terms-stage.ts'
import { escapeHtml } from '../../homeserver/http/escape-html.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../protocol/json/value.ts'
import type { Page } from './html-page.ts'

/** How a stage is completed in a browser. */
export interface StageForm {
  readonly title: string
  /** What stands above the button, as HTML. */
  readonly fields: (accounts: Accounts) => string
  readonly button: string
  /** The `auth` that the sent form stands for. */
  readonly authOf: (form: URLSearchParams) => JsonObject
  readonly sources?: Page['sources']
}

const RECAPTCHA_SCRIPT = 'https://www.recaptcha.net/recaptcha/api.js'
const RECAPTCHA_HOSTS = 'https://www.recaptcha.net/recaptcha/ https://www.gstatic.com/recaptcha/'

/** Stages that are completed by a form of ours; the others have pages of their own, or none. */
export const STAGE_FORMS: Readonly<Partial<Record<Stage, StageForm>>> = {
  'm.login.dummy': { title: 'Continue', fields: () => '', button: 'Continue', authOf: () => ({}) },
  'm.login.password': {
    title: 'Confirm with your password',
    fields: () => field('password', 'Password', 'password'),
    button: 'Confirm',
    authOf: (form) => ({ password: form.get('password') ?? '' }),
  },
  'm.login.registration_token': {
    title: 'Registration token',
    fields: () => field('token', 'The token that you have been given', 'text'),
    button: 'Continue',
    authOf: (form) => ({ token: form.get('token') ?? '' }),
  },
  'm.login.terms': {
    title: 'Terms',
    fields: ({ registration: { consent }, publicBaseUrl }) =>
      consent ? policyList(policiesToAccept(consent, publicBaseUrl)['policies']) : '',
    button: 'I accept',
    authOf: () => ({}),
  },
  'm.login.recaptcha': {
    title: 'Are you human?',
    fields: ({ registration: { captcha } }) =>
      `<div class="g-recaptcha" data-sitekey="${escapeHtml(captcha?.publicKey ?? '')}"></div>` +
      `<script src="${RECAPTCHA_SCRIPT}" async defer></script>`,
    button: 'Continue',
    authOf: (form) => ({ response: form.get('g-recaptcha-response') ?? '' }),
    // The widget styles itself, and shows itself in a frame.
    sources: {
      'script-src': RECAPTCHA_HOSTS,
      'frame-src': RECAPTCHA_HOSTS,
      'connect-src': 'https://www.recaptcha.net/recaptcha/',
      'img-src': 'https://www.gstatic.com/recaptcha/',
    },
  },
}

function field(name: string, label: string, type: string): string {
  return `<label>${label} <input name="${name}" type="${type}" required autofocus></label>`
}

function policyList(policies: JsonValue | undefined): string {
  const items = isJsonObject(policies) ? Object.values(policies).flatMap(linksOf) : []
  return `<p>Please read and accept:</p><ul>${items.map((item) => `<li>${item}</li>`).join('')}</ul>`
}

function linksOf(policy: JsonValue | undefined): string[] {
  if (!isJsonObject(policy)) return []
  return Object.entries(policy).flatMap(([language, text]) => {
    if (!isJsonObject(text)) return []
    const { name, url } = text
    return [
      `<a href="${escapeHtml(String(url))}" hreflang="${escapeHtml(language)}" target="_blank" rel="noopener">${escapeHtml(String(name))}</a>`,
    ]
  })
}
