import type { Session } from '../../homeserver/accounts/sessions.ts'
import { readSingleEvent } from '../../homeserver/history/single-event.ts'
import { jsonText } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import type { ClientApiContext } from '../context.ts'

/** `GET /events/{eventId}`, deprecated: an event of whichever room it is in. */
export function getOneEvent({ sync }: ClientApiContext): Handler<Session> {
  return async (request, viewer) => {
    const eventId = request.param('eventId')
    const stored = await sync.services.events.byId(eventId)
    return jsonText(await readSingleEvent(sync.services, viewer, stored?.event.roomId ?? '', eventId))
  }
}
