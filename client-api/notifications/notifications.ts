import type { Session } from '../../homeserver/accounts/sessions.ts'
import { jsonText } from '../../homeserver/http/answer.ts'
import { declareRoutes, type Handler, type Routes } from '../../homeserver/http/endpoint.ts'
import { readNotifications } from '../../homeserver/push/read-notifications.ts'
import { formatToken, parseStreamToken } from '../../homeserver/sync/tokens.ts'
import type { ClientApiContext } from '../context.ts'
import { limitOf } from '../history/page-parameters.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'

/** `GET /notifications` (client-server API, "Listing notifications"). */
function getNotifications({ sync, ephemeral: { epoch, version } }: ClientApiContext): Handler<Session> {
  return async (request, viewer) => {
    const from = request.query('from')
    const { notifications, next } = await readNotifications(sync.services, viewer, {
      before: from === undefined || from === '' ? undefined : parseStreamToken(from, 'from').position,
      limit: Math.max(1, limitOf(request)),
      onlyHighlights: request.query('only') === 'highlight',
    })
    const token =
      next === undefined
        ? undefined
        : formatToken({ kind: 'stream', position: next, ephemeral: { epoch, version } })
    const members = token === undefined ? '' : `,"next_token":${JSON.stringify(token)}`
    return jsonText(`{"notifications":[${notifications.join(',')}]${members}}`)
  }
}

/** What users have been notified of. */
export function notificationRoutes(context: ClientApiContext, { user }: ClientEndpoints): Routes {
  return declareRoutes().get('/_matrix/client/v3/notifications', user(getNotifications(context)))
}
