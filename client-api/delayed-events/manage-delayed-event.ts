import type { Session } from '../../homeserver/accounts/sessions.ts'
import { isDelayAction, manageEvent, noSuchEvent } from '../../homeserver/delayed-events/manage-event.ts'
import { nothing, type Answer } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import { addressKey } from '../../homeserver/rate-limits/address-key.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { ClientApiContext } from '../context.ts'
import { requiredText } from '../http/body-fields.ts'

/** `POST /delayed_events/{delayId}/{action}` (MSC4140), for the event's own user. */
export function postDelayAction(context: ClientApiContext): Handler<Session> {
  return async (request, { userNid }) => {
    const action = request.param('action')
    if (!isDelayAction(action)) throw noSuchAction()
    const own = (event: { readonly userNid: number }): boolean => event.userNid === userNid
    await manageEvent(context.delayedEvents, request.param('delayId'), action, own)
    return nothing()
  }
}

/**
 * The same in its unstable form, which asks for no token: who knows the id has been given it, as the server of a call
 * is, which then ends the call for a client that is gone.
 */
export function postUnstableDelayAction(context: ClientApiContext): Handler<undefined> {
  return async (request) => {
    const action = request.param('action')
    return manageByAnybody(context, request.clientAddress, request.param('delayId'), action)
  }
}

/** `POST /delayed_events/{delayId}`: the oldest form, with the action in the body. */
export function postDelayActionInBody(context: ClientApiContext): Handler<undefined> {
  return async (request) => {
    const action = requiredText(await request.object(), 'action')
    if (!isDelayAction(action)) throw new MatrixError(400, 'M_INVALID_PARAM', '`action` is none of MSC4140')
    return manageByAnybody(context, request.clientAddress, request.param('delayId'), action)
  }
}

async function manageByAnybody(
  { delayedEvents, limits }: ClientApiContext,
  address: string,
  delayId: string,
  action: string,
): Promise<Answer> {
  if (!isDelayAction(action)) throw noSuchAction()
  const key = addressKey(address)
  limits.delayedEventManagement.check(key)
  try {
    await manageEvent(delayedEvents, delayId, action, () => true)
  } catch (error) {
    if (!(error instanceof MatrixError)) throw error
    if (error.status === 404) limits.delayedEventManagement.consume(key)
    // Clients of this form take 404, and nothing else, for an event that waits no longer.
    throw error.status === 409 ? noSuchEvent() : error
  }
  return nothing()
}

function noSuchAction(): MatrixError {
  return new MatrixError(404, 'M_UNRECOGNIZED', 'There is no such action')
}
