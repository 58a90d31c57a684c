import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { isEventId } from '../../../protocol/identifiers/event-id.ts'
import type { EventDraft } from '../event-draft.ts'
import type { Actor, DeviceActor } from './actor.ts'
import { powerLevelsOf } from './power-levels-of.ts'
import type { RoomActions } from './room-actions.ts'
import { notInRoom, submitOnce } from './submit-draft.ts'

/** `PUT /rooms/{roomId}/redact/{eventId}/{txnId}`. */
export interface RedactionRequest {
  readonly roomId: string
  readonly eventId: string
  readonly txnId: string
  readonly reason: string | undefined
}

/**
 * Redacts an event; the same request does it once.
 *
 * @returns the id of the redaction.
 * @throws MatrixError 403 for events of others without the power to, 404 for what is no event id.
 */
export function redactEvent(
  actions: RoomActions,
  sender: DeviceActor,
  { roomId, eventId, txnId, reason }: RedactionRequest,
): Promise<string> {
  const endpoint = { name: 'redact', path: [roomId, eventId], txnId }
  const makeDraft = async (): Promise<EventDraft> => {
    await checkRedaction(actions, roomId, sender, eventId)
    return {
      type: 'm.room.redaction',
      sender: sender.userId,
      content: reason === undefined ? {} : { reason },
      redacts: eventId,
    }
  }
  return submitOnce(actions, sender, endpoint, roomId, makeDraft, async () => {
    const own = (await senderOf(actions, roomId, eventId)) === sender.userId
    return own ? actions.limits.message : actions.limits.adminRedaction
  })
}

async function senderOf(actions: RoomActions, roomId: string, eventId: string): Promise<string | undefined> {
  const room = await actions.writer.open(roomId)
  return (await room?.events([eventId]))?.get(eventId)?.event.sender
}

/**
 * From room version 3 on a redaction that lacks the power is accepted and does nothing; its sender shall hear that.
 * Whoever may redact everything may redact what has not arrived here yet: it takes effect when it does.
 * Source: client-server API, "Redactions".
 */
export async function checkRedaction(
  actions: RoomActions,
  roomId: string,
  sender: Pick<Actor, 'userId' | 'suspended'>,
  eventId: string,
): Promise<void> {
  const room = await actions.writer.open(roomId)
  if (!room) throw notInRoom()
  const target = (await room.events([eventId])).get(eventId)
  if (target?.event.sender === sender.userId) return
  if (sender.suspended) {
    throw new MatrixError(403, 'M_USER_SUSPENDED', 'An administrator has suspended this account')
  }
  const levels = await powerLevelsOf(room)
  if (levels.powerOf(sender.userId) < levels.level('redact')) {
    throw new MatrixError(403, 'M_FORBIDDEN', "You lack the power level to redact others' events")
  }
  if (!isEventId(eventId)) throw new MatrixError(404, 'M_NOT_FOUND', 'There is no such event in this room')
}
