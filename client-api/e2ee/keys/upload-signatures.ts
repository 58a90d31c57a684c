import { uploadSignatures } from '../../../e2ee/keys/upload-signatures.ts'
import type { Session } from '../../../homeserver/accounts/sessions.ts'
import { json } from '../../../homeserver/http/answer.ts'
import type { Handler } from '../../../homeserver/http/endpoint.ts'
import type { ClientApiContext } from '../../context.ts'

/** `POST /keys/signatures/upload`: signatures on own devices and on others' master keys. */
export function uploadKeySignatures({ e2ee }: Pick<ClientApiContext, 'e2ee'>): Handler<Session> {
  return async (request, session) =>
    json({ failures: await uploadSignatures(e2ee.keys, session, await request.object()) })
}
