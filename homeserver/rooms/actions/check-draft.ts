import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { fitsBytes, MAX_EVENT_KEY_BYTES } from '../../../protocol/identifiers/bounds.ts'
import { canonicalJson, CanonicalJsonError } from '../../../protocol/json/canonical.ts'
import type { EventDraft } from '../event-draft.ts'

/**
 * Refuses what cannot become an event, before the room is asked.
 *
 * @throws MatrixError as `refuseUncanonical`; 400 M_INVALID_PARAM for a second create event.
 */
export function checkDraft(draft: EventDraft): void {
  if (draft.type === 'm.room.create') {
    throw new MatrixError(400, 'M_INVALID_PARAM', 'A room has one create event only')
  }
  refuseUncanonical(draft)
}

/** @throws MatrixError 400 M_BAD_JSON for content without canonical form, 413 M_TOO_LARGE for long keys. */
export function refuseUncanonical({ type, stateKey = '', content }: EventDraft): void {
  if (!isEventKey(type) || !isEventKey(stateKey)) {
    throw new MatrixError(413, 'M_TOO_LARGE', 'The type and the state key may be 255 bytes long at most')
  }
  try {
    canonicalJson(content)
  } catch (error) {
    if (!(error instanceof CanonicalJsonError)) throw error
    throw new MatrixError(400, 'M_BAD_JSON', `The content cannot be sent: ${error.message}`)
  }
}

function isEventKey(text: string): boolean {
  return fitsBytes(text, MAX_EVENT_KEY_BYTES) && text.isWellFormed()
}
