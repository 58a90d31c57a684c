import type { Session } from '../../homeserver/accounts/sessions.ts'
import { json } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { devicesOf, findDevice } from '../../storage/accounts/device-reader.ts'
import type { AccountApiContext } from '../context.ts'
import { deviceJson } from './device-json.ts'

/** `GET /devices`. */
export function listDevices({ queries }: AccountApiContext): Handler<Session> {
  return async (_request, session) => {
    const devices = await devicesOf(queries, session.userNid)
    return json({ devices: devices.map(deviceJson) })
  }
}

/** `GET /devices/{deviceId}`. */
export function getDevice({ queries }: AccountApiContext): Handler<Session> {
  return async (request, session) => {
    const device = await findDevice(queries, session.userNid, request.param('deviceId'))
    if (!device) throw new MatrixError(404, 'M_NOT_FOUND', 'There is no such device')
    return json(deviceJson(device))
  }
}
