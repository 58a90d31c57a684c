import { claimKeys, readWantedOneTimeKeys } from '../../../e2ee/keys/claim-keys.ts'
import type { Session } from '../../../homeserver/accounts/sessions.ts'
import { jsonText } from '../../../homeserver/http/answer.ts'
import type { Handler } from '../../../homeserver/http/endpoint.ts'
import type { ClientApiContext } from '../../context.ts'
import { remoteTimeout } from './remote-timeout.ts'

/** `POST /keys/claim`: one-time keys of devices of any server. */
export function claimOneTimeKeys({ keys }: Pick<ClientApiContext, 'keys'>): Handler<Session> {
  return async (request) => {
    const body = await request.object()
    return jsonText(await claimKeys(keys, readWantedOneTimeKeys(body), remoteTimeout(body)))
  }
}
