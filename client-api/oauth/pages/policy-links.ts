import type { ConsentConfig } from '../../../homeserver/config/sections/registration-checks.ts'
import type { Browser } from '../browser.ts'
import { html, type HtmlPart } from './html.ts'

/** The policies that a new user accepts, in English where there is a choice, and the field that says so. */
export function policyLinks(browser: Browser, consent: ConsentConfig | undefined): HtmlPart {
  if (!consent) return undefined
  const own = { name: consent.policyName, url: browser.href('/_matrix/consent', { v: consent.version }) }
  const elsewhere = Object.values(consent.policies).flatMap(
    (texts) => texts['en'] ?? Object.values(texts)[0] ?? [],
  )
  const links = (elsewhere.length > 0 ? elsewhere : [own]).map(
    ({ name, url }) => html`<li><a href="${url}" target="_blank" rel="noreferrer">${name}</a></li>`,
  )
  return html`<ul>
      ${links}
    </ul>
    <label
      ><input type="checkbox" name="accepted" value="${consent.version}" required /> I accept these</label
    >`
}
