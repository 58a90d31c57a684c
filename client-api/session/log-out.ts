import { removeAllDevices, removeDevices } from '../../homeserver/accounts/devices.ts'
import type { Session } from '../../homeserver/accounts/sessions.ts'
import { nothing } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import type { AccountApiContext } from '../context.ts'
import { requireDevice } from '../http/require-device.ts'

/** `POST /logout`: the token's device ends. */
export function logOut({ accounts }: AccountApiContext): Handler<Session> {
  return async (_request, session) => {
    await removeDevices(accounts, session, [requireDevice(session)])
    return nothing()
  }
}

/** `POST /logout/all`: every device of the user ends. */
export function logOutEverywhere({ accounts }: AccountApiContext): Handler<Session> {
  return async (_request, session) => {
    await removeAllDevices(accounts, session)
    return nothing()
  }
}
