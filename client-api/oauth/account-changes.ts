import { changePassword } from '../../homeserver/accounts/change-password.ts'
import { deactivateAccount } from '../../homeserver/accounts/deactivate-account.ts'
import { removeDevices, setDeviceName } from '../../homeserver/accounts/devices.ts'
import { changeProfile, removeFromProfile } from '../../homeserver/accounts/profile.ts'
import { allowCrossSigningReset } from '../../homeserver/oauth/cross-signing-reset.ts'
import { startBrowserSession } from '../../homeserver/oauth/browser-sessions.ts'
import type { EndpointMiddleware } from '../../homeserver/http/endpoint.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { findAccount } from '../../storage/accounts/account-reader.ts'
import { findDevice } from '../../storage/accounts/device-reader.ts'
import type { AccountApiContext } from '../context.ts'
import { refuseSuspended } from '../http/authenticate.ts'
import { userFormEndpoint } from './page-endpoint.ts'
import { html } from './pages/html.ts'
import { page, sendTo } from './pages/layout.ts'
import { PATHS } from './paths.ts'
import { proveAgain } from './prove-again.ts'
import { signedIn } from './signed-in.ts'

const DEVICES = { action: 'org.matrix.devices_list' }

/** `POST …/account/profile`. */
export function saveProfile(context: AccountApiContext): EndpointMiddleware {
  return userFormEndpoint(context, async (form, user, browser) => {
    if (!context.config.login.mayChangeDisplayName) {
      throw new MatrixError(403, 'M_FORBIDDEN', 'Display names cannot be changed on this server.')
    }
    const account = await findAccount(context.queries, user.userId)
    if (account) refuseSuspended(account)
    const name = form.get('displayname')?.trim() ?? ''
    if (name === '') await removeFromProfile(context.accounts, user, 'displayname')
    else await changeProfile(context.accounts, user, 'displayname', JSON.stringify(name))
    return sendTo(browser.href(PATHS.account))
  })
}

/** `POST …/account/rename-device`. */
export function renameOwnDevice(context: AccountApiContext): EndpointMiddleware {
  return userFormEndpoint(context, async (form, user, browser) => {
    await setDeviceName(context.accounts, user, form.get('device_id') ?? '', form.get('name')?.trim() || null)
    return sendTo(browser.href(PATHS.account, DEVICES))
  })
}

/** `POST …/account/end-device`. */
export function endOwnDevice(context: AccountApiContext): EndpointMiddleware {
  return userFormEndpoint(context, async (form, user, browser) => {
    const deviceId = form.get('device_id') ?? ''
    if (!(await findDevice(context.queries, user.userNid, deviceId))) {
      throw new MatrixError(404, 'M_NOT_FOUND', 'You have no such session; it may be signed out already.')
    }
    await removeDevices(context.accounts, user, [deviceId])
    return sendTo(browser.href(PATHS.account, DEVICES))
  })
}

/** `POST …/account/password`. */
export function changeOwnPassword(context: AccountApiContext): EndpointMiddleware {
  const { accounts } = context
  return userFormEndpoint(context, async (form, user, browser) => {
    if (!user.hasPassword) throw new MatrixError(403, 'M_FORBIDDEN', 'Your account has no password.')
    const elsewhere = await proveAgain(context, browser, user, form)
    if (elsewhere) return elsewhere
    const password = form.get('new_password') ?? ''
    if (password === '') throw new MatrixError(400, 'M_MISSING_PARAM', 'Choose a password')
    await changePassword(accounts, user, password, { logoutOthers: form.get('sign_out') === 'yes' })
    return signedIn(context, browser, PATHS.account, () => startBrowserSession(accounts, user))
  })
}

/** `POST …/account/deactivate`. */
export function closeOwnAccount(context: AccountApiContext): EndpointMiddleware {
  return userFormEndpoint(context, async (form, user, browser) => {
    if (form.get('sure') !== 'yes') throw new MatrixError(400, 'M_MISSING_PARAM', 'Say that you are sure.')
    const elsewhere = await proveAgain(context, browser, user, form)
    if (elsewhere) return elsewhere
    await deactivateAccount(context.accounts, user, form.get('erase') === 'yes')
    return page('Closed', html`<p>The account ${user.userId} has been closed.</p>`, {
      setCookie: browser.cookie('meridian_session', ''),
    })
  })
}

/** `POST …/account/reset-cross-signing` (client-server API, "OAuth authentication"). */
export function allowReset(context: AccountApiContext): EndpointMiddleware {
  return userFormEndpoint(context, async (form, user, browser) => {
    const elsewhere = await proveAgain(context, browser, user, form)
    if (elsewhere) return elsewhere
    await allowCrossSigningReset(context.accounts, user)
    return page(
      'Allowed',
      html`<p>Go back to your application; it can make your new digital identity now.</p>`,
    )
  })
}
