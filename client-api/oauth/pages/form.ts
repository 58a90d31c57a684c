import type { Browser } from '../browser.ts'
import { html, type Html, type HtmlPart } from './html.ts'

/** A form that this browser alone can submit. */
export function form(
  browser: Browser,
  path: string,
  fields: HtmlPart,
  hidden: Readonly<Record<string, string | undefined>> = {},
): Html {
  const kept = Object.entries({ csrf: browser.csrf, ...hidden }).filter(([, value]) => value !== undefined)
  return html`<form method="post" action="${browser.href(path)}">
    ${kept.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`)} ${fields}
  </form>`
}

/** What went wrong the last time. */
export function problem(sentence: string | undefined): HtmlPart {
  return sentence === undefined ? undefined : html`<p role="alert">${sentence}</p>`
}

/** A field for the user's own password; nothing for users who have none. */
export function ownPasswordField(hasPassword: boolean): HtmlPart {
  if (!hasPassword) return undefined
  return html`<label
    >Your password
    <input type="password" name="password" autocomplete="current-password" required />
  </label>`
}
