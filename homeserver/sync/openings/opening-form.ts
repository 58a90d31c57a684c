import { isSelective } from '../match-event.ts'
import { mayWait, type SyncRequest } from '../sync-request.ts'
import { limitOf } from '../timelines.ts'

/** In which of the forms that many clients ask for a request wants rooms to begin; the same form, the same text. */
export type OpeningForm = string & { readonly form: unique symbol }

/**
 * The form that a request wants; undefined where its filter is a particular one. Members are loaded lazily in every
 * form: where all are sent, their own texts are shared (`MemberTexts`).
 */
export function openingFormOf(request: SyncRequest): OpeningForm | undefined {
  const { filter, stateKey } = request
  const { timeline, state } = filter.room
  const isPlain =
    filter.eventFormat === 'client' &&
    filter.eventFields === undefined &&
    state.lazyLoadMembers &&
    [timeline, state].every(
      (part) => !isSelective(part) && part.rooms === undefined && part.notRooms === undefined,
    )
  if (!isPlain || mayWait(request)) return undefined
  return `${limitOf(timeline)}/${stateKey === 'state' ? 'start' : 'end'}` as OpeningForm
}
