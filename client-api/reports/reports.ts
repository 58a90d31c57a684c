import type { Session } from '../../homeserver/accounts/sessions.ts'
import { nothing } from '../../homeserver/http/answer.ts'
import { declareRoutes, type Handler, type Routes } from '../../homeserver/http/endpoint.ts'
import { reportEvent, reportRoom, reportUser, type ReportServices } from '../../homeserver/reports/report.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { isUserId } from '../../protocol/identifiers/user-id.ts'
import type { ClientApiContext } from '../context.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'
import { optionalText, requiredText } from '../http/body-fields.ts'
import { roomIdOf } from '../rooms/room-id-of.ts'

const V3 = '/_matrix/client/v3'

/** Reports to the administrators (client-server API, "Reporting Content"). */
export function reportRoutes({ sync, limits }: ClientApiContext, { user }: ClientEndpoints): Routes {
  const reports = { services: sync.services, limits }
  return declareRoutes()
    .post(`${V3}/rooms/:roomId/report`, user(postRoomReport(reports)))
    .post(`${V3}/rooms/:roomId/report/:eventId`, user(postEventReport(reports)))
    .post(`${V3}/users/:userId/report`, user(postUserReport(reports)))
}

function postEventReport(reports: ReportServices): Handler<Session> {
  return async (request, session) => {
    const reason = optionalText(await request.optionalObject(), 'reason')
    await reportEvent(reports, session, {
      roomId: roomIdOf(request),
      eventId: request.param('eventId'),
      reason,
    })
    return nothing()
  }
}

function postRoomReport(reports: ReportServices): Handler<Session> {
  return async (request, session) => {
    const reason = requiredText(await request.object(), 'reason')
    await reportRoom(reports, session, { roomId: roomIdOf(request), reason })
    return nothing()
  }
}

function postUserReport(reports: ReportServices): Handler<Session> {
  return async (request, session) => {
    const reason = requiredText(await request.object(), 'reason')
    const userId = request.param('userId')
    if (!isUserId(userId)) throw new MatrixError(400, 'M_INVALID_PARAM', 'This is not a user id')
    await reportUser(reports, session, { userId, reason })
    return nothing()
  }
}
