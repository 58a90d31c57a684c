import type { Device } from '../../../storage/accounts/device-reader.ts'
import type { Browser } from '../browser.ts'
import { PATHS } from '../paths.ts'
import { form } from './form.ts'
import { html, type HtmlPart } from './html.ts'

function title(device: Device): string {
  return device.displayName ?? device.deviceId
}

function lastSeen({ lastSeenTs, lastSeenIp }: Device): string {
  if (lastSeenTs === null) return 'not yet'
  const date = new Date(lastSeenTs).toISOString().slice(0, 16).replace('T', ' ')
  return `${date} UTC${lastSeenIp === null ? '' : ` from ${lastSeenIp}`}`
}

/** The user's sessions. */
export function deviceList(browser: Browser, devices: readonly Device[]): HtmlPart {
  if (devices.length === 0) return html`<p>You have no sessions.</p>`
  return html`<ul>
    ${devices.map((device) => {
      const query = { action: 'org.matrix.device_view', device_id: device.deviceId }
      return html`<li>
        <a href="${browser.href(PATHS.account, query)}">${title(device)}</a><br />Last seen:
        ${lastSeen(device)}
      </li>`
    })}
  </ul>`
}

/** One session: its name can be changed, and it can be signed out. */
export function deviceForms(browser: Browser, device: Device): HtmlPart {
  const hidden = { device_id: device.deviceId }
  const name = html`<label
      >Name <input name="name" maxlength="100" value="${device.displayName ?? ''}"
    /></label>
    <button>Rename</button>`
  return html`<dl>
      <dt>Id</dt>
      <dd>${device.deviceId}</dd>
      <dt>Last seen</dt>
      <dd>${lastSeen(device)}</dd>
    </dl>
    ${form(browser, PATHS.renameDevice, name, hidden)}
    ${form(browser, PATHS.endDevice, html`<button>Sign this session out</button>`, hidden)}`
}

/** Asks whether a session is really to end. */
export function endDeviceForm(browser: Browser, device: Device): HtmlPart {
  return html`<p>
      <strong>${title(device)}</strong> (${device.deviceId}), last seen: ${lastSeen(device)}, will be signed
      out. What only it can decrypt is lost.
    </p>
    ${form(browser, PATHS.endDevice, html`<button class="main">Sign out</button>`, { device_id: device.deviceId })}`
}
