import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { Direction } from '../../storage/history/history-reader.ts'
import { relatedPlaces } from '../../storage/relations/related-places.ts'
import { loadPresenter } from '../history/event-presenter.ts'
import { sightOf } from '../history/event-sight.ts'
import type { Viewer } from '../history/read-services.ts'
import { readStretch } from '../history/read-stretch.ts'
import type { RoomAccess } from '../history/room-access.ts'
import { placeOfToken } from '../history/token-place.ts'
import type { SyncServices } from '../sync/sync-services.ts'
import { formatToken, type Token } from '../sync/tokens.ts'

/** How far relations of relations are followed: a reaction to an edit of an answer in a thread. */
export const RECURSION_DEPTH = 3

/** A `/relations` request, read and checked. */
export interface RelationsRequest {
  readonly eventId: string
  readonly relType: string | undefined
  readonly eventType: string | undefined
  readonly recurse: boolean
  readonly direction: Direction
  readonly from: Token | undefined
  readonly to: Token | undefined
  readonly limit: number
}

/** A page of related events as JSON texts. `end` is undefined where there is nothing more. */
export interface RelationsPage {
  readonly chunk: readonly string[]
  readonly end: string | undefined
}

/**
 * Reads events that relate to an event (client-server API, "Relationships API").
 *
 * @throws MatrixError 404 M_NOT_FOUND where the user may not see the event.
 */
export async function readRelations(
  services: SyncServices,
  viewer: Viewer,
  access: RoomAccess,
  request: RelationsRequest,
): Promise<RelationsPage> {
  const { queries, interner } = services
  const { roomNid } = access
  const { eventId, relType, eventType, direction, from, to, limit } = request
  await requireSight(services, viewer, access, eventId)
  const typeNid = eventType === undefined ? undefined : await interner.findTypeNid(eventType)
  if (eventType !== undefined && typeNid === undefined) return { chunk: [], end: undefined }
  const wanted = {
    roomNid,
    eventId,
    relType,
    typeNid,
    depth: request.recurse ? RECURSION_DEPTH : 1,
    to: to && (await placeOfToken(queries, roomNid, to)),
  }
  const wholeFrom = direction === 'b' ? Number.MAX_SAFE_INTEGER : Number.MIN_SAFE_INTEGER
  const { events, sightings, cursor, exhausted } = await readStretch(services, viewer, access, {
    direction,
    from: from ? await placeOfToken(queries, roomNid, from) : wholeFrom,
    to: undefined,
    limit,
    matches: () => true,
    places: (gap, take) => relatedPlaces(queries, wanted, gap, direction, take),
  })
  const presenter = await loadPresenter(
    services,
    services.replacedState,
    services.sent,
    viewer,
    events,
    events,
  )
  return {
    chunk: events.map((stored) =>
      presenter.present(stored, 'full', sightings.get(stored.eventNid)?.membership),
    ),
    end: exhausted ? undefined : formatToken({ kind: 'history', place: cursor }),
  }
}

async function requireSight(
  services: SyncServices,
  viewer: Viewer,
  access: RoomAccess,
  eventId: string,
): Promise<void> {
  const stored = await services.events.byId(eventId)
  if (stored?.roomNid === access.roomNid) {
    const sightings = await sightOf(services, services.openHistories, viewer, access.rooms, [stored])
    if (sightings.get(stored.eventNid)?.visible) return
  }
  throw new MatrixError(404, 'M_NOT_FOUND', 'There is no such event, or you may not see it')
}
