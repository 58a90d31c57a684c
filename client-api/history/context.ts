import type { Session } from '../../homeserver/accounts/sessions.ts'
import { readContext } from '../../homeserver/history/context.ts'
import { jsonText } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import type { ClientApiContext } from '../context.ts'
import { filterOf, limitOf } from './page-parameters.ts'

/** `GET /rooms/{roomId}/context/{eventId}`. */
export function getContext({ sync }: ClientApiContext): Handler<Session> {
  return async (request, viewer) => {
    const place = { roomId: request.param('roomId'), eventId: request.param('eventId') }
    const around = await readContext(sync.services, viewer, place, limitOf(request), filterOf(request))
    return jsonText(
      `{"start":${JSON.stringify(around.start)},"end":${JSON.stringify(around.end)},"event":${around.event},` +
        `"events_before":[${around.before.join(',')}],"events_after":[${around.after.join(',')}],` +
        `"state":[${around.state.join(',')}]}`,
    )
  }
}
