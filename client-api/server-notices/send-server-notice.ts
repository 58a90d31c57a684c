import type { Session } from '../../homeserver/accounts/sessions.ts'
import { json } from '../../homeserver/http/answer.ts'
import { declareRoutes, type Handler, type Routes } from '../../homeserver/http/endpoint.ts'
import type { IncomingRequest } from '../../homeserver/http/incoming-request.ts'
import { ServerNotices, type Notice } from '../../homeserver/server-notices/server-notices.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { isJsonObject, ownValue } from '../../protocol/json/value.ts'
import type { ClientApiContext } from '../context.ts'
import { optionalText, requiredText } from '../http/body-fields.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'

const PATH = '/_synapse/admin/v1/send_server_notice'

/** `POST /_synapse/admin/v1/send_server_notice`, and `PUT` with a transaction id, in Synapse's form. */
export function serverNoticeRoutes({ rooms, config }: ClientApiContext, { admin }: ClientEndpoints): Routes {
  const notices = new ServerNotices(rooms, config.serverNotices)
  return declareRoutes()
    .post(PATH, admin(sendNotice(notices, () => undefined)))
    .put(`${PATH}/:txnId`, admin(sendNotice(notices, (request) => request.param('txnId'))))
}

function sendNotice(
  notices: ServerNotices,
  txnIdOf: (request: IncomingRequest) => string | undefined,
): Handler<Session> {
  return async (request, session) =>
    json({ event_id: await notices.send(session, await noticeIn(request), txnIdOf(request)) })
}

async function noticeIn(request: IncomingRequest): Promise<Notice> {
  const body = await request.object()
  const content = ownValue(body, 'content')
  if (!isJsonObject(content)) throw new MatrixError(400, 'M_BAD_JSON', '`content` must be an object')
  return {
    userId: requiredText(body, 'user_id'),
    type: optionalText(body, 'type') ?? 'm.room.message',
    stateKey: optionalText(body, 'state_key'),
    content,
  }
}
