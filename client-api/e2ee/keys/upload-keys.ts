import { uploadKeys } from '../../../e2ee/keys/upload-keys.ts'
import type { Session } from '../../../homeserver/accounts/sessions.ts'
import { json } from '../../../homeserver/http/answer.ts'
import type { Handler } from '../../../homeserver/http/endpoint.ts'
import type { ClientApiContext } from '../../context.ts'
import { requireDevice } from '../../http/require-device.ts'

/** `POST /keys/upload`: what a device publishes of its keys. */
export function uploadDeviceKeys({ e2ee }: Pick<ClientApiContext, 'e2ee'>): Handler<Session> {
  return async (request, session) => {
    const owner = { ...session, deviceId: requireDevice(session) }
    const counts = await uploadKeys(e2ee.keys, owner, await request.optionalObject())
    return json({ one_time_key_counts: counts })
  }
}
