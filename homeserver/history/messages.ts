import { gapsBelow, type Direction } from '../../storage/history/history-reader.ts'
import type { RoomEventFilter } from '../filters/filter.ts'
import type { RemoteServers } from '../rooms/remote-servers.ts'
import { eventMatcher, roomMatcher } from '../sync/match-event.ts'
import type { SyncServices } from '../sync/sync-services.ts'
import { formatToken, type Token } from '../sync/tokens.ts'
import { loadPresenter } from './event-presenter.ts'
import { membersOfSenders } from './members-of-senders.ts'
import type { Viewer } from './read-services.ts'
import { readStretch, type ReadStretch, type Stretch } from './read-stretch.ts'
import type { RoomAccess } from './room-access.ts'
import { placeOfToken, wholeHistory } from './token-place.ts'

/** A page ends at its second gap: the first is asked to be filled. */
const MAX_GAPS = 2

/** A `/messages` request, read and checked. */
export interface PageRequest {
  readonly viewer: Viewer
  readonly access: RoomAccess
  readonly direction: Direction
  readonly from: Token | undefined
  readonly to: Token | undefined
  readonly limit: number
  readonly filter: RoomEventFilter
}

/** A page of history; events as JSON texts. `end` is undefined where there is nothing more. */
export interface Page {
  readonly start: string
  readonly end: string | undefined
  readonly chunk: readonly string[]
  readonly state: readonly string[]
}

/**
 * Reads a page of a room's history (client-server API, `GET /rooms/{roomId}/messages`). Where the stored history
 * has gaps, other servers are asked once for what is missing at the newest of them.
 */
export async function readPage(
  services: SyncServices,
  remote: Pick<RemoteServers, 'backfill'> | undefined,
  request: PageRequest,
): Promise<Page> {
  const { viewer, access, direction, filter } = request
  const stretch = await stretchOf(services, access, request)
  const wanted = roomMatcher(filter)(access.roomId)
  let read = wanted ? await readStretch(services, viewer, access, stretch) : nothingOf(stretch)
  const gaps = wanted && direction === 'b' ? await gapsIn(services, access, stretch, read) : []
  const [newest] = gaps
  let next = gaps.at(1)
  if (newest && remote && (await remote.backfill(access.roomId, [newest.eventId], request.limit)) > 0) {
    read = await readStretch(services, viewer, access, stretch)
    const left = await gapsIn(services, access, stretch, read)
    next = left.find(({ eventId }) => eventId !== newest.eventId)
  }
  // What is missing there comes with the next page, which begins there.
  if (next && remote) read = upToGap(read, next.place)

  const { events, sightings, cursor } = read
  const members = filter.lazyLoadMembers ? await membersOfSenders(services, events) : []
  const presenter = await loadPresenter(
    services,
    services.replacedState,
    services.sent,
    viewer,
    [...events, ...members],
    events,
  )
  const ends = read.exhausted && (gaps.length === 0 || events.length === 0)
  return {
    start: formatToken(request.from ?? { kind: 'history', place: stretch.from }),
    end: ends ? undefined : formatToken({ kind: 'history', place: cursor }),
    chunk: events.map((stored) =>
      presenter.present(stored, 'full', sightings.get(stored.eventNid)?.membership),
    ),
    state: members.map((stored) => presenter.present(stored, 'full')),
  }
}

async function stretchOf(
  { queries }: SyncServices,
  { roomNid, leftAt }: RoomAccess,
  { direction, from, to, limit, filter }: PageRequest,
): Promise<Stretch> {
  const start = from
    ? await placeOfToken(queries, roomNid, from)
    : await wholeHistory(queries, roomNid, direction)
  const end = to && (await placeOfToken(queries, roomNid, to))
  const stretch = { direction, limit, matches: eventMatcher(filter) }
  if (leftAt === undefined) return { ...stretch, from: start, to: end }
  return direction === 'b'
    ? { ...stretch, from: Math.min(start, leftAt), to: end }
    : { ...stretch, from: start, to: Math.min(end ?? leftAt, leftAt) }
}

/**
 * Events on the page, right above it or at the end of what is stored, whose causes are missing here: the page may
 * begin where the one before it found a gap.
 */
function gapsIn(
  { queries }: SyncServices,
  { roomNid }: RoomAccess,
  { from }: Stretch,
  { cursor, exhausted }: ReadStretch,
): Promise<{ readonly eventId: string; readonly place: number }[]> {
  return gapsBelow(queries, roomNid, from + 1, exhausted ? Number.MIN_SAFE_INTEGER : cursor + 1, MAX_GAPS)
}

/** A page without what lies beyond a gap. */
function upToGap(read: ReadStretch, place: number): ReadStretch {
  if (read.cursor >= place) return read
  const events = read.events.filter(({ historyPos }) => historyPos !== undefined && historyPos >= place)
  return { ...read, events, cursor: place - 1, exhausted: false }
}

function nothingOf({ from }: Stretch): ReadStretch {
  return { events: [], sightings: new Map(), cursor: from, exhausted: true }
}
