import { queryKeys, readWantedDevices } from '../../../e2ee/keys/query-keys.ts'
import type { Session } from '../../../homeserver/accounts/sessions.ts'
import { jsonText } from '../../../homeserver/http/answer.ts'
import type { Handler } from '../../../homeserver/http/endpoint.ts'
import type { ClientApiContext } from '../../context.ts'
import { remoteTimeout } from './remote-timeout.ts'

/** `POST /keys/query`: identity and cross-signing keys of users of any server. */
export function queryDeviceKeys({ e2ee }: Pick<ClientApiContext, 'e2ee'>): Handler<Session> {
  return async (request, session) => {
    const body = await request.object()
    return jsonText(await queryKeys(e2ee.keys, session, readWantedDevices(body), remoteTimeout(body)))
  }
}
