import type { Session } from '../../homeserver/accounts/sessions.ts'
import { readSingleEvent } from '../../homeserver/history/single-event.ts'
import { jsonText } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import type { ClientApiContext } from '../context.ts'

/** `GET /rooms/{roomId}/event/{eventId}`. */
export function getEvent({ sync }: ClientApiContext): Handler<Session> {
  return async (request, viewer) =>
    jsonText(await readSingleEvent(sync.services, viewer, request.param('roomId'), request.param('eventId')))
}
