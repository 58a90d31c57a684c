import type { Session } from '../../homeserver/accounts/sessions.ts'
import { readDraft } from '../../homeserver/delayed-events/delayed-draft.ts'
import { noSuchEvent } from '../../homeserver/delayed-events/manage-event.ts'
import { json } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import { parseJson } from '../../protocol/json/parse.ts'
import type { JsonObject } from '../../protocol/json/value.ts'
import type { DelayedEvent, FinalisedEvent } from '../../storage/delayed-events/delayed-event.ts'
import { findDelayedEvent, scheduledEventsOf } from '../../storage/delayed-events/delayed-event-reader.ts'
import type { ClientApiContext } from '../context.ts'

/** More than anybody should be allowed to have waiting. */
const MAX_LISTED = 1_000

/** How an event is shown: in the form of the accepted MSC4140, or also with the keys that it had before. */
export type DelayedEventForm = 'stable' | 'unstable'

/** `GET /delayed_events`: the user's scheduled events, the next one first. */
export function getDelayedEvents(
  { queries, limits }: ClientApiContext,
  form: DelayedEventForm,
): Handler<Session> {
  return async (_request, { userId, userNid }) => {
    limits.delayedEventManagement.consume(userId)
    const events = await scheduledEventsOf(queries, userNid, { limit: MAX_LISTED })
    return json({ delayed_events: events.map((event) => shown(event, form)) })
  }
}

/** `GET /delayed_events/{delayId}`: one of the user's events, also when it is finalised. */
export function getDelayedEvent(
  { queries, limits }: ClientApiContext,
  form: DelayedEventForm,
): Handler<Session> {
  return async (request, { userId, userNid }) => {
    limits.delayedEventManagement.consume(userId)
    const event = await findDelayedEvent(queries, request.param('delayId'))
    if (event?.userNid !== userNid) throw noSuchEvent()
    return json({ ...shown(event, form), ...(event.finalised && { finalised: outcomeOf(event.finalised) }) })
  }
}

function shown(event: DelayedEvent, form: DelayedEventForm): JsonObject {
  const { delayId, roomId, delayMs, delayedSinceTs } = event
  const { type, stateKey, content } = readDraft(event.draft)
  return {
    delay_id: delayId,
    room_id: roomId,
    type,
    ...(stateKey !== undefined && { state_key: stateKey }),
    delay_ms: delayMs,
    delayed_since_ts: delayedSinceTs,
    content,
    ...(form === 'unstable' && { delay: delayMs, running_since: delayedSinceTs }),
  }
}

function outcomeOf({ finalisedTs, eventId, error }: FinalisedEvent): JsonObject {
  return {
    finalised_ts: finalisedTs,
    ...(eventId !== undefined && { event_id: eventId }),
    ...(error !== undefined && { error: parseJson(error) }),
  }
}
