import { createDevice, setDeviceName } from '../../homeserver/accounts/devices.ts'
import type { Session } from '../../homeserver/accounts/sessions.ts'
import { json, nothing } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { findDevice } from '../../storage/accounts/device-reader.ts'
import type { AccountApiContext } from '../context.ts'
import { optionalText } from '../http/body-fields.ts'

/**
 * `PUT /devices/{deviceId}`: a name that is left out stays as it is. Application services make devices by it
 * (application service API, "Device management").
 */
export function updateDevice({ accounts, queries }: AccountApiContext): Handler<Session> {
  return async (request, session) => {
    const deviceId = request.param('deviceId')
    const name = optionalText(await request.object(), 'display_name')
    if (session.appService && (await createDevice(accounts, session, deviceId, name))) return json({}, 201)
    if (name !== undefined) await setDeviceName(accounts, session, deviceId, name)
    else if (!(await findDevice(queries, session.userNid, deviceId))) {
      throw new MatrixError(404, 'M_NOT_FOUND', 'There is no such device')
    }
    return nothing()
  }
}
