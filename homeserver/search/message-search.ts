import type { UserNid } from '../../storage/numeric-ids.ts'
import { countEvents, type EventSearch } from '../../storage/search/event-search-reader.ts'
import { compileSearch } from '../../storage/search/search-query.ts'
import type { Viewer } from '../history/read-services.ts'
import { eventMatcher } from '../sync/match-event.ts'
import type { SyncServices } from '../sync/sync-services.ts'
import { findVisible, type VisibleResults } from './find-visible.ts'
import { highlightsOf } from './highlights.ts'
import type { MessageSearch } from './search-request.ts'
import { parseSearchTerm } from './search-terms.ts'
import type { SearchToken } from './search-token.ts'
import { searchedRooms } from './searched-rooms.ts'

/** A page of results with what is told of all of them. */
export interface SearchResults extends VisibleResults {
  readonly count: number
  readonly highlights: readonly string[]
}

const NOTHING: SearchResults = { results: [], next: undefined, count: 0, highlights: [] }

/** Finds what a user searches for. The number of queries does not grow with the number of rooms or results. */
export async function searchMessages(
  services: SyncServices,
  languages: readonly string[],
  viewer: Viewer,
  request: MessageSearch,
  token: SearchToken | undefined,
): Promise<SearchResults> {
  const { queries } = services
  const terms = parseSearchTerm(request.term)
  const query = await compileSearch(queries, languages, terms)
  const search =
    query === undefined ? undefined : await searchOf(services, viewer, request, token?.group, query)
  if (!search || search.rooms.length === 0 || search.keys.length === 0) return NOTHING
  const { order, limit, filter } = request
  const page = { order, limit, after: token?.place, matches: eventMatcher(filter) }
  const [found, counted] = await Promise.all([
    findVisible(services, viewer, search, page),
    countOpen(services, viewer, search),
  ])
  const elsewhere = found.results.filter(({ found: { roomNid } }) => !counted.rooms.has(roomNid))
  return {
    ...found,
    count: counted.count + elsewhere.length,
    highlights: await highlightsOf(
      queries,
      languages,
      terms,
      found.results.map(({ stored }) => stored),
    ),
  }
}

async function searchOf(
  services: SyncServices,
  viewer: Viewer,
  { filter, keys }: MessageSearch,
  group: SearchToken['group'],
  query: string,
): Promise<EventSearch> {
  const { interner } = services
  const rooms = await searchedRooms(services, viewer, filter)
  const ignored = await services.ignoredUsers.of(viewer.userNid)
  const users = await interner.findUserNids([
    ...(filter.senders ?? []),
    ...(filter.notSenders ?? []),
    ...(group?.key === 'sender' ? [group.value] : []),
    ...ignored,
  ])
  const nidsOf = (userIds: readonly string[]): UserNid[] =>
    userIds.flatMap((userId) => users.get(userId) ?? [])
  const senders = filter.senders && nidsOf(filter.senders)
  const groupRoom = group?.key === 'room_id' ? await interner.findRoomNid(group.value) : undefined
  const own = group?.key === 'sender' ? nidsOf([group.value]) : undefined
  return {
    query,
    keys,
    rooms: group?.key === 'room_id' ? rooms.filter(({ roomNid }) => roomNid === groupRoom) : rooms,
    senders: own && senders ? own.filter((userNid) => senders.includes(userNid)) : (own ?? senders),
    notSenders: nidsOf(filter.notSenders ?? []),
    ignored: nidsOf([...ignored]).filter((userNid) => userNid !== viewer.userNid),
  }
}

/** Counts in the rooms in which the user sees everything: elsewhere the number would tell of what is hidden. */
async function countOpen(
  services: SyncServices,
  viewer: Viewer,
  search: EventSearch,
): Promise<{ readonly count: number; readonly rooms: ReadonlySet<number> }> {
  const { rooms } = await services.views.of(viewer.userNid)
  const joined = search.rooms.filter(({ roomNid }) => rooms.get(roomNid)?.membership === 'join')
  const open = await services.openHistories.among(joined.map(({ roomNid }) => roomNid))
  const counted = joined.filter(({ roomNid }) => open.has(roomNid))
  const count = counted.length === 0 ? 0 : await countEvents(services.queries, { ...search, rooms: counted })
  return { count, rooms: open }
}
