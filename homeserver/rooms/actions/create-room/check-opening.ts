import { authStateOf } from '../../../../protocol/auth-rules/auth-state.ts'
import { checkAuth } from '../../../../protocol/auth-rules/check-auth.ts'
import { authEventTuples } from '../../../../protocol/auth-rules/select-auth-events.ts'
import { MatrixError } from '../../../../protocol/errors/matrix-error.ts'
import { buildPdu } from '../../../../protocol/events/build-pdu.ts'
import type { RoomEvent } from '../../../../protocol/events/room-event.ts'
import type { Signer } from '../../../../protocol/events/sign.ts'
import { stateTuple } from '../../../../protocol/state/state-map.ts'
import type { EventDraft } from '../../event-draft.ts'
import { asClientError } from '../../as-client-error.ts'
import { refuseUncanonical } from '../check-draft.ts'

/**
 * Plays a new room's first events through the rules before any of them is stored, so that a wish that cannot be
 * granted leaves no half of a room.
 *
 * @throws MatrixError 400 M_INVALID_ROOM_STATE, M_BAD_JSON; 413 M_TOO_LARGE.
 */
export function checkOpening(createEvent: RoomEvent, drafts: readonly EventDraft[], signer: Signer): void {
  const { version, roomId } = createEvent
  const state = new Map<string, RoomEvent>([[stateTuple('m.room.create', ''), createEvent]])
  let previous = createEvent
  for (const draft of drafts) {
    refuseUncanonical(draft)
    if (draft.type === 'm.room.create') throw invalidState(draft.type, 'a room has one create event only')
    const { type, stateKey, sender, content } = draft
    const authEvents = authEventTuples(version, { type, stateKey, sender, content })
      .map((place) => state.get(stateTuple(place.type, place.stateKey)))
      .filter((event) => event !== undefined)
    const event = asClientError(() =>
      buildPdu(
        {
          type,
          sender,
          roomId,
          stateKey,
          content,
          originServerTs: createEvent.originServerTs,
          depth: previous.depth + 1,
          prevEvents: [previous.eventId],
          authEvents: authEvents.map((cause) => cause.eventId),
        },
        version,
        signer,
      ),
    )
    const auth = checkAuth(event, authStateOf(authEvents, createEvent))
    if (!auth.allowed) throw invalidState(type, auth.reason)
    if (stateKey !== undefined) state.set(stateTuple(type, stateKey), event)
    previous = event
  }
}

function invalidState(type: string, reason: string): MatrixError {
  return new MatrixError(
    400,
    'M_INVALID_ROOM_STATE',
    `The room cannot be made as asked, because of ${type}: ${reason}`,
  )
}
