import type { BrowserUser } from '../../homeserver/oauth/browser-sessions.ts'
import type { Answer } from '../../homeserver/http/answer.ts'
import type { EndpointMiddleware } from '../../homeserver/http/endpoint.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { devicesOf, findDevice } from '../../storage/accounts/device-reader.ts'
import { profileOf } from '../../storage/accounts/profile-reader.ts'
import type { AccountApiContext } from '../context.ts'
import { viewOf } from './account-actions.ts'
import type { Browser } from './browser.ts'
import { pageEndpoint } from './page-endpoint.ts'
import { deviceForms, deviceList, endDeviceForm } from './pages/account-devices.ts'
import {
  backToOverview,
  deactivateForm,
  overview,
  profileForm,
  resetCrossSigningForm,
} from './pages/account-forms.ts'
import type { HtmlPart } from './pages/html.ts'
import { page, sendTo } from './pages/layout.ts'
import { PATHS } from './paths.ts'

/**
 * `GET …/account`: the account page, with the links that clients make to parts of it (client-server API, "Account
 * management URL parameters").
 */
export function accountPage(context: AccountApiContext): EndpointMiddleware {
  return pageEndpoint(context, async (request, browser) => {
    const action = request.query('action')
    const deviceId = request.query('device_id')
    if (!browser.user) {
      const wish = new URLSearchParams({
        ...(action !== undefined && { action }),
        ...(deviceId !== undefined && { device_id: deviceId }),
      })
      const next = wish.size === 0 ? PATHS.account : `${PATHS.account}?${wish}`
      return sendTo(browser.href(PATHS.signIn, { continue: next }))
    }
    return show(context, browser, browser.user, action, deviceId)
  })
}

async function show(
  context: AccountApiContext,
  browser: Browser,
  user: BrowserUser,
  action: string | undefined,
  deviceId: string | undefined,
): Promise<Answer> {
  const answer = (title: string, body: HtmlPart) => page(title, body, { setCookie: browser.setCookie })
  const part = (title: string, body: HtmlPart) => answer(title, [body, backToOverview(browser)])
  switch (viewOf(action)) {
    case 'overview':
      return answer('Your account', overview(browser, user))
    case 'profile': {
      const stored = (await profileOf(context.queries, user.userNid)).get('displayname')
      const name: unknown = stored === undefined ? '' : JSON.parse(stored)
      return part('Your profile', profileForm(browser, typeof name === 'string' ? name : ''))
    }
    case 'devices':
      return part('Your sessions', deviceList(browser, await devicesOf(context.queries, user.userNid)))
    case 'device':
      return part('Session', deviceForms(browser, await deviceCalled(context, user, deviceId)))
    case 'end-device':
      return part('Sign out a session', endDeviceForm(browser, await deviceCalled(context, user, deviceId)))
    case 'deactivate':
      return part('Close your account', deactivateForm(browser, user))
    case 'reset-cross-signing':
      return part('Reset your digital identity', resetCrossSigningForm(browser, user))
  }
}

async function deviceCalled({ queries }: AccountApiContext, user: BrowserUser, deviceId: string | undefined) {
  const device = deviceId === undefined ? undefined : await findDevice(queries, user.userNid, deviceId)
  if (!device)
    throw new MatrixError(404, 'M_NOT_FOUND', 'You have no such session; it may be signed out already.')
  return device
}
