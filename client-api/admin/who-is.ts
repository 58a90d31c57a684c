import { accountOf } from '../../homeserver/accounts/moderate-account.ts'
import type { Session } from '../../homeserver/accounts/sessions.ts'
import { json } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { devicesOf } from '../../storage/accounts/device-reader.ts'
import type { AccountApiContext } from '../context.ts'

/** `GET /admin/whois/{userId}`: of oneself, or for administrators. Of each device its last connection is kept. */
export function whoIs({ accounts, queries }: AccountApiContext): Handler<Session> {
  return async (request, session) => {
    const userId = request.param('userId')
    if (userId !== session.userId && !session.admin) {
      throw new MatrixError(403, 'M_FORBIDDEN', 'Only administrators may look up others')
    }
    const { userNid } = await accountOf(accounts, userId)
    const devices = (await devicesOf(queries, userNid)).map(({ deviceId, lastSeenIp, lastSeenTs }) => {
      const seen = lastSeenTs === null ? [] : [{ ip: lastSeenIp ?? '', last_seen: lastSeenTs }]
      return [deviceId, { sessions: [{ connections: seen }] }] as const
    })
    return json({ user_id: userId, devices: Object.fromEntries(devices) })
  }
}
