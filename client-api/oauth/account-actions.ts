/** What the account page can be asked to show (client-server API, "Account management URL actions"). */
export type AccountView =
  'overview' | 'profile' | 'devices' | 'device' | 'end-device' | 'deactivate' | 'reset-cross-signing'

/** The action of a link to the view; those that speak of sessions are from before MSC4191 was accepted. */
const VIEWS: Readonly<Record<string, AccountView>> = {
  'org.matrix.profile': 'profile',
  'org.matrix.devices_list': 'devices',
  'org.matrix.sessions_list': 'devices',
  'org.matrix.device_view': 'device',
  'org.matrix.session_view': 'device',
  'org.matrix.device_delete': 'end-device',
  'org.matrix.session_end': 'end-device',
  'org.matrix.account_deactivate': 'deactivate',
  'org.matrix.cross_signing_reset': 'reset-cross-signing',
}

/** The actions that are offered to clients. */
export const ACCOUNT_ACTIONS: readonly string[] = Object.keys(VIEWS)

/** The view that a link asks for; an action that is unknown leads to the overview. */
export function viewOf(action: string | undefined): AccountView {
  return action !== undefined && Object.hasOwn(VIEWS, action) ? VIEWS[action]! : 'overview'
}
