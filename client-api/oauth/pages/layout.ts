import { hash } from 'node:crypto'
import type { Answer } from '../../../homeserver/http/answer.ts'
import { Html, html, type HtmlPart } from './html.ts'

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 26rem; margin: 3rem auto; padding: 0 1rem }
h1 { font-size: 1.4rem }
form { margin: 1rem 0 }
label { display: block; margin: 0.75rem 0 }
input:not([type=checkbox]) { display: block; width: 100%; box-sizing: border-box; font: inherit; padding: 0.5rem }
button, .button { display: block; width: 100%; box-sizing: border-box; margin: 0.5rem 0; padding: 0.6rem;
  font: inherit; text-align: center; text-decoration: none; border: 1px solid; border-radius: 0.4rem;
  background: none; color: inherit; cursor: pointer }
button.main { background: #0b5fc2; border-color: #0b5fc2; color: #fff }
.error { border-left: 0.25rem solid #c22; padding-left: 0.75rem }
.code { font: 1.2rem/1.5 monospace; overflow-wrap: anywhere }
dd { margin: 0 0 0.5rem; overflow-wrap: anywhere }
`

const STYLE_HASH = hash('sha256', STYLE, 'base64')

/** What a page's forms may lead to, beside this server: where an application waits for the browser. */
export interface PageOptions {
  readonly status?: number
  readonly formTarget?: string
  readonly setCookie?: string | undefined
}

/**
 * A page. It runs no script, loads nothing, shows itself in no frame, and its forms lead to this server or to
 * `formTarget` alone.
 */
export function page(title: string, body: HtmlPart, options: PageOptions = {}): Answer {
  const document = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        ${new Html(`<style>${STYLE}</style>`)}
      </head>
      <body>
        <h1>${title}</h1>
        ${body}
      </body>
    </html>`
  const target = options.formTarget === undefined ? '' : ` ${originOf(options.formTarget)}`
  const policy =
    `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action 'self'${target}; ` +
    `frame-ancestors 'none'; base-uri 'none'`
  return {
    status: options.status ?? 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy,
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
      ...(options.setCookie !== undefined && { 'set-cookie': options.setCookie }),
    },
    body: { bytes: document.text },
  }
}

/** Sends the browser on, after a form or to sign in. */
export function sendTo(location: string, setCookie?: string): Answer {
  return {
    status: 303,
    headers: {
      location,
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      ...(setCookie !== undefined && { 'set-cookie': setCookie }),
    },
    body: { bytes: '' },
  }
}

/**
 * Sends the browser on by itself, to where the policy of the form that it came from would not let a redirect go; who
 * has to click, clicks.
 */
export function forwardTo(location: string, setCookie?: string): Answer {
  const body = html`<meta http-equiv="refresh" content="0; url=${location}" />
    <p><a class="button" href="${location}">Go on</a></p>`
  return page('One moment', body, { setCookie })
}

/** What a policy calls the place of a URL: its origin, or the scheme of an application's own URL. */
function originOf(url: string): string {
  const { protocol, host } = new URL(url)
  return protocol === 'http:' || protocol === 'https:' ? `${protocol}//${host}` : protocol
}
