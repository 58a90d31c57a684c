import type { BrowserUser } from '../../../homeserver/oauth/browser-sessions.ts'
import type { Browser } from '../browser.ts'
import { PATHS } from '../paths.ts'
import { form, ownPasswordField } from './form.ts'
import { html, type HtmlPart } from './html.ts'

/** What the account page offers. */
export function overview(browser: Browser, user: BrowserUser): HtmlPart {
  const to = (action: string): string => browser.href(PATHS.account, { action })
  const newPassword = html`${ownPasswordField(true)}
    <label
      >New password
      <input type="password" name="new_password" autocomplete="new-password" required />
    </label>
    <label><input type="checkbox" name="sign_out" value="yes" checked /> Sign out everywhere</label>
    <button>Change the password</button>`
  return html`<p>You are signed in as <strong>${user.userId}</strong>.</p>
    <ul>
      <li><a href="${to('org.matrix.profile')}">Profile</a></li>
      <li><a href="${to('org.matrix.devices_list')}">Sessions</a></li>
      <li><a href="${to('org.matrix.cross_signing_reset')}">Reset your digital identity</a></li>
      <li><a href="${to('org.matrix.account_deactivate')}">Close your account</a></li>
    </ul>
    ${user.hasPassword && form(browser, PATHS.password, newPassword)}
    ${form(browser, PATHS.signOut, html`<button>Leave this page</button>`)}`
}

/** Stands below every part of the account page. */
export function backToOverview(browser: Browser): HtmlPart {
  return html`<p><a href="${browser.href(PATHS.account)}">Back to your account</a></p>`
}

/** The name that others see. */
export function profileForm(browser: Browser, displayName: string): HtmlPart {
  return form(
    browser,
    PATHS.profile,
    html`<label>Display name <input name="displayname" value="${displayName}" maxlength="256" /></label>
      <button class="main">Save</button>`,
  )
}

/** Asks whether the account is really to be closed. */
export function deactivateForm(browser: Browser, user: BrowserUser): HtmlPart {
  return html`<p>
      <strong>${user.userId}</strong> will leave all rooms, all its sessions end, and nobody can ever use the
      name again. This cannot be undone.
    </p>
    ${form(
      browser,
      PATHS.deactivate,
      html`${ownPasswordField(user.hasPassword)}
        <label
          ><input type="checkbox" name="erase" value="yes" /> Hide my messages from those who join
          later</label
        >
        <label
          ><input type="checkbox" name="sure" value="yes" required /> I want to close my account for
          good</label
        >
        <button class="main">Close the account</button>`,
    )}`
}

/** Asks whether the cross-signing keys are really to be replaced. */
export function resetCrossSigningForm(browser: Browser, user: BrowserUser): HtmlPart {
  return html`<p>
      A session of yours may make a new digital identity for <strong>${user.userId}</strong> within ten
      minutes. Others will have to verify you anew, and messages that only the old one can decrypt are lost.
      If no session of yours has sent you here, close this page.
    </p>
    ${form(
      browser,
      PATHS.resetCrossSigning,
      html`${ownPasswordField(user.hasPassword)}<button class="main">Allow the reset</button>`,
    )}`
}
