import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { buildPdu } from '../../../protocol/events/build-pdu.ts'
import { PduError } from '../../../protocol/events/pdu-error.ts'
import { fitsBytes, MAX_EVENT_KEY_BYTES } from '../../../protocol/identifiers/bounds.ts'
import { canonicalJson, CanonicalJsonError } from '../../../protocol/json/canonical.ts'
import { placeEvent } from '../build-event.ts'
import type { EventDraft } from '../event-draft.ts'
import type { RoomActions } from './room-actions.ts'

/** Room for all of an event but its content: identifiers, causes, hashes and signatures take less than a quarter. */
const SURELY_FITTING_BYTES = 48 * 1024

/**
 * Refuses what cannot become an event, before the room is asked: a draft that fails there stops others.
 *
 * @throws MatrixError as `refuseUncanonical`; 413 M_TOO_LARGE; 403 M_FORBIDDEN for a second create event.
 */
export async function checkDraft(
  { services, writer }: Pick<RoomActions, 'services' | 'writer'>,
  roomId: string,
  draft: EventDraft,
): Promise<void> {
  if (draft.type === 'm.room.create') {
    throw new MatrixError(403, 'M_FORBIDDEN', 'A room has one create event only')
  }
  const text = refuseUncanonical(draft)
  if (fitsBytes(text, SURELY_FITTING_BYTES)) return
  const room = await writer.open(roomId)
  if (!room) return
  const { fields } = await placeEvent(services, room, draft)
  asClientError(() => buildPdu(fields, room.head.version, services.signer))
}

/**
 * @returns the content as canonical JSON.
 * @throws MatrixError 400 M_BAD_JSON for content without canonical form, 413 M_TOO_LARGE for long keys.
 */
export function refuseUncanonical({ type, stateKey = '', content }: EventDraft): string {
  if (!isEventKey(type) || !isEventKey(stateKey)) {
    throw new MatrixError(413, 'M_TOO_LARGE', 'The type and the state key may be 255 bytes long at most')
  }
  try {
    return canonicalJson(content)
  } catch (error) {
    if (!(error instanceof CanonicalJsonError)) throw error
    throw new MatrixError(400, 'M_BAD_JSON', `The content cannot be sent: ${error.message}`)
  }
}

/** Does `build`, whose failure is the client's: the event that it asked for cannot be. */
export function asClientError<Result>(build: () => Result): Result {
  try {
    return build()
  } catch (error) {
    if (!(error instanceof PduError)) throw error
    throw new MatrixError(error.errcode === 'M_TOO_LARGE' ? 413 : 400, error.errcode, error.message)
  }
}

function isEventKey(text: string): boolean {
  return fitsBytes(text, MAX_EVENT_KEY_BYTES) && text.isWellFormed()
}
