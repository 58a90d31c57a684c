import { hash } from 'node:crypto'
import type { Answer } from '../../../homeserver/http/answer.ts'
import { PAGE_STYLE } from '../../fallback/page-style.ts'
import { Html, html, type HtmlPart } from './html.ts'

const STYLE_HASH = hash('sha256', PAGE_STYLE, 'base64')

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
        ${new Html(`<style>${PAGE_STYLE}</style>`)}
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          ${body}
        </main>
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
