import { PUSH_RULES_TYPE, pushRulesForClient } from '../../homeserver/accounts/push-rules.ts'
import type { Session } from '../../homeserver/accounts/sessions.ts'
import { jsonText } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { findAccountData } from '../../storage/accounts/account-data-reader.ts'
import { NO_ROOM } from '../../storage/accounts/account-data-write.ts'
import type { AccountApiContext } from '../context.ts'
import { requireOwnUser } from '../http/own-user.ts'
import { accountDataType } from './account-data-type.ts'
import { roomOfPath } from './account-data-room.ts'

/** `GET /user/{userId}/account_data/{type}`. */
export function getAccountData({ config, queries }: AccountApiContext): Handler<Session> {
  return async (request, session) => {
    requireOwnUser(request, session)
    const type = accountDataType(request)
    const content = await findAccountData(queries, session.userNid, NO_ROOM, type)
    if (type === PUSH_RULES_TYPE) {
      return jsonText(pushRulesForClient(session.userId, content, config.rooms.threadSubscriptions))
    }
    if (content === undefined) throw notFound()
    return jsonText(content)
  }
}

/** `GET /user/{userId}/rooms/{roomId}/account_data/{type}`. */
export function getRoomAccountData(context: AccountApiContext): Handler<Session> {
  return async (request, session) => {
    requireOwnUser(request, session)
    const type = accountDataType(request)
    const roomNid = await roomOfPath(context, request)
    const content = await findAccountData(context.queries, session.userNid, roomNid, type)
    if (content === undefined) throw notFound()
    return jsonText(content)
  }
}

function notFound(): MatrixError {
  return new MatrixError(404, 'M_NOT_FOUND', 'There is no account data of this type')
}
