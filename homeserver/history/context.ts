import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { StoredEvent } from '../../storage/events/stored-event.ts'
import type { RoomEventFilter } from '../filters/filter.ts'
import { eventMatcher } from '../sync/match-event.ts'
import type { SyncServices } from '../sync/sync-services.ts'
import { formatToken } from '../sync/tokens.ts'
import { loadPresenter } from './event-presenter.ts'
import { sightOf } from './event-sight.ts'
import { shownEvent } from './event-text.ts'
import { membersOfSenders } from './members-of-senders.ts'
import type { Viewer } from './read-services.ts'
import { readStretch } from './read-stretch.ts'
import { accessRoom } from './room-access.ts'

/** An event with what stands around it; events as JSON texts. */
export interface EventContext {
  readonly start: string
  readonly end: string
  readonly event: string
  /** Newest first. */
  readonly before: readonly string[]
  /** Oldest first. */
  readonly after: readonly string[]
  /** At the last event shown. */
  readonly state: readonly string[]
}

/**
 * Reads an event's surroundings (client-server API, `GET /rooms/{roomId}/context/{eventId}`).
 *
 * @param limit events around it, on both sides together.
 * @throws MatrixError 403 M_FORBIDDEN, 404 M_NOT_FOUND where the user may not see the event.
 */
export async function readContext(
  services: SyncServices,
  viewer: Viewer,
  place: { readonly roomId: string; readonly eventId: string },
  limit: number,
  filter: RoomEventFilter,
): Promise<EventContext> {
  const access = await accessRoom(services, viewer, place.roomId)
  const stored = await services.events.byId(place.eventId)
  const own =
    stored?.roomNid === access.roomNid
      ? (await sightOf(services, services.openHistories, viewer, access.rooms, [stored])).get(stored.eventNid)
      : undefined
  if (stored?.historyPos === undefined || !own?.visible) {
    throw new MatrixError(404, 'M_NOT_FOUND', 'There is no such event, or you may not see it')
  }
  const older = Math.floor(limit / 2)
  const matches = eventMatcher(filter)
  const here = stored.historyPos
  const [before, after] = await Promise.all([
    readStretch(services, viewer, access, {
      direction: 'b', from: here - 1, to: undefined, limit: older, matches,
    }), // prettier-ignore
    readStretch(services, viewer, access, {
      direction: 'f', from: here, to: access.leftAt, limit: limit - older, matches,
    }), // prettier-ignore
  ])
  const shown = [...before.events, stored, ...after.events]
  const state = await stateAt(services, after.events.at(-1) ?? stored, shown, filter)
  const presenter = await loadPresenter(
    services,
    services.replacedState,
    services.sent,
    viewer,
    [...shown, ...state],
    shown,
  )
  const inFull = (list: readonly StoredEvent[], sightings = before.sightings): string[] =>
    list.map((event) => presenter.present(event, 'full', sightings.get(event.eventNid)?.membership))
  return {
    start: formatToken({ kind: 'history', place: before.cursor }),
    end: formatToken({ kind: 'history', place: after.cursor }),
    event: presenter.present(stored, 'full', own.membership),
    before: inFull(before.events),
    after: inFull(after.events, after.sightings),
    state: state.map((event) => presenter.present(event, 'full')),
  }
}

async function stateAt(
  services: SyncServices,
  { roomNid, stateAfter }: StoredEvent,
  shown: readonly StoredEvent[],
  filter: RoomEventFilter,
): Promise<StoredEvent[]> {
  if (stateAfter === undefined) return []
  const { trie, events, interner } = services
  const memberType = filter.lazyLoadMembers ? await interner.typeNid('m.room.member') : undefined
  const entries = (await trie.entries(roomNid, stateAfter)).filter(({ typeNid }) => typeNid !== memberType)
  const state = await events.byPlaces(entries.map(({ eventNid }) => ({ roomNid, eventNid })))
  const members = memberType === undefined ? [] : await membersOfSenders(services, shown)
  const matches = eventMatcher(filter)
  return [...state.values(), ...members].filter((stored) => matches(shownEvent(stored)))
}
