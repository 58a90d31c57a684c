import { createHash } from 'node:crypto'
import type { Answer } from '../../homeserver/http/answer.ts'

const STYLE = `:root{color-scheme:light dark;font:1rem/1.5 system-ui,sans-serif}
main{max-width:26rem;margin:12vh auto 0;padding:0 1rem}
label,input,button{display:block;font:inherit}
input{width:100%;box-sizing:border-box;padding:.5rem;margin:.25rem 0 1rem}
button{padding:.5rem 1.25rem;margin:1rem 0}
[role=alert]{color:#c0392b}`

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
    'style-src': sourceOf(STYLE),
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
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${title}</title><style>${STYLE}</style></head>
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

/** Text as HTML, also within quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

function sourceOf(inline: string): string {
  return `'sha256-${createHash('sha256').update(inline).digest('base64')}'`
}
