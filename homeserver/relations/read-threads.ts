import { redactEvent } from '../../protocol/events/redact.ts'
import type { StoredEvent } from '../../storage/events/stored-event.ts'
import { threadsBefore } from '../../storage/relations/thread-reader.ts'
import { loadPresenter } from '../history/event-presenter.ts'
import { sightOf, type Sighting } from '../history/event-sight.ts'
import type { Viewer } from '../history/read-services.ts'
import type { RoomAccess } from '../history/room-access.ts'
import { placeOfToken } from '../history/token-place.ts'
import type { SyncServices } from '../sync/sync-services.ts'
import { formatToken, type Token } from '../sync/tokens.ts'

/** Threads whose roots the user may not see are passed over, but one page may not read a whole room. */
const MAX_ROUNDS = 6

/** A `/threads` request, read and checked. */
export interface ThreadsRequest {
  /** Only threads that the user takes part in. */
  readonly participated: boolean
  readonly from: Token | undefined
  readonly limit: number
}

/** Thread roots as JSON texts, the thread that moved last first. `end` is undefined where there is nothing more. */
export interface ThreadsPage {
  readonly chunk: readonly string[]
  readonly end: string | undefined
}

interface Root {
  readonly stored: StoredEvent
  readonly sighting: Sighting | undefined
}

/** Lists the threads of a room (client-server API, `GET /rooms/{roomId}/threads`). */
export async function readThreads(
  services: SyncServices,
  viewer: Viewer,
  access: RoomAccess,
  { participated, from, limit }: ThreadsRequest,
): Promise<ThreadsPage> {
  const { queries, interner } = services
  const { roomNid } = access
  const ignored = await services.ignoredUsers.of(viewer.userNid)
  const wanted = {
    roomNid,
    ignored: [...(await interner.findUserNids(ignored)).values()],
    participant: participated ? viewer.userNid : undefined,
  }
  const roots: Root[] = []
  let cursor = from ? await placeOfToken(queries, roomNid, from) : Number.MAX_SAFE_INTEGER
  let ends = false
  for (let round = 0; round < MAX_ROUNDS && roots.length < limit && !ends; round++) {
    const take = limit - roots.length
    // One more tells whether there is more.
    const places = await threadsBefore(queries, wanted, cursor, take + 1)
    const listed = places.slice(0, take)
    ends = places.length <= take
    cursor = (listed.at(-1)?.latestPos ?? cursor) - 1
    const ids = listed.map(({ rootEventId }) => rootEventId)
    roots.push(...(await shownRoots(services, viewer, access, ids, ignored)))
  }
  const events = roots.map(({ stored }) => stored)
  const { replacedState, sent } = services
  const presenter = await loadPresenter(services, replacedState, sent, viewer, events, events)
  return {
    chunk: roots.map(({ stored, sighting }) => presenter.present(stored, 'full', sighting?.membership)),
    end: ends ? undefined : formatToken({ kind: 'history', place: cursor }),
  }
}

/** Those of the roots that are here and that the user may see; what ignored users said is redacted. */
async function shownRoots(
  services: SyncServices,
  viewer: Viewer,
  access: RoomAccess,
  eventIds: readonly string[],
  ignored: ReadonlySet<string>,
): Promise<Root[]> {
  const found = await services.events.byIds(eventIds)
  const here = eventIds.flatMap((eventId) => {
    const stored = found.get(eventId)
    return stored?.roomNid === access.roomNid ? [stored] : []
  })
  const sightings = await sightOf(services, services.openHistories, viewer, access.rooms, here)
  return here.flatMap((stored): readonly Root[] => {
    const sighting = sightings.get(stored.eventNid)
    if (sighting?.visible) return [{ stored, sighting }]
    if (!ignored.has(stored.event.sender) || stored.historyPos === undefined) return []
    return [{ stored: { ...stored, event: redactEvent(stored.event) }, sighting: undefined }]
  })
}
