import { createHash } from 'node:crypto'
import type { Answer } from '../../homeserver/http/answer.ts'
import { PAGE_STYLE } from './page-style.ts'

/** What stands on a page. Everything is HTML: texts from elsewhere go through `escapeHtml`. */
export interface Page {
  readonly title: string
  readonly body: string
  /** JavaScript of ours, run when the page is there. */
  readonly script?: string
  /** Further sources by directive of the Content Security Policy. */
  readonly sources?: Readonly<Record<string, string>>
}

/**
 * A page for people. Nothing runs in it but its own script, which the policy names by its hash; it cannot be framed,
 * nor send anything elsewhere.
 */
export function htmlPage({ title, body, script, sources = {} }: Page, status = 200): Answer {
  const directives: Record<string, string> = {
    'default-src': "'none'",
    'style-src': sourceOf(PAGE_STYLE),
    'script-src': script === undefined ? "'none'" : sourceOf(script),
    'form-action': "'self'",
    'base-uri': "'none'",
    'frame-ancestors': "'none'",
  }
  for (const [directive, source] of Object.entries(sources)) {
    const own = directives[directive]
    directives[directive] = own === undefined || own === "'none'" ? source : `${own} ${source}`
  }
  const text = `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title><style>${PAGE_STYLE}</style></head>
<body><main><h1>${title}</h1>${body}</main>${script === undefined ? '' : `<script>${script}</script>`}</body></html>
`
  return {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': Object.entries(directives)
        .map(([directive, source]) => `${directive} ${source}`)
        .join('; '),
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    },
    body: { bytes: text },
  }
}

function sourceOf(inline: string): string {
  return `'sha256-${createHash('sha256').update(inline).digest('base64')}'`
}
