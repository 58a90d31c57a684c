import type { StoredEvent } from '../../storage/events/stored-event.ts'
import {
  findEvents,
  type EventSearch,
  type FoundEvent,
  type FoundPlace,
  type SearchOrder,
} from '../../storage/search/event-search-reader.ts'
import { sightOf, type Sighting } from '../history/event-sight.ts'
import { shownEvent } from '../history/event-text.ts'
import type { Viewer } from '../history/read-services.ts'
import type { Matcher } from '../sync/match-event.ts'
import type { SyncServices } from '../sync/sync-services.ts'

/** Events that are hidden or filtered out are passed over, but one page may not look at everything. */
const MAX_ROUNDS = 5
/** So many more are read than wanted, for those that are passed over. */
const SPARE = 10

/** A found event that the user may see. */
export interface VisibleResult {
  readonly found: FoundEvent
  readonly stored: StoredEvent
  readonly sighting: Sighting
}

/** A page of results. */
export interface VisibleResults {
  readonly results: readonly VisibleResult[]
  /** Where the next page begins; undefined where there is certainly nothing more. */
  readonly next: FoundPlace | undefined
}

/** Reads found events after a place until there are enough that the user may see. */
export async function findVisible(
  services: SyncServices,
  viewer: Viewer,
  search: EventSearch,
  page: {
    readonly order: SearchOrder
    readonly after: FoundPlace | undefined
    readonly limit: number
    readonly matches: Matcher<StoredEvent['event']>
  },
): Promise<VisibleResults> {
  const { rooms } = await services.views.of(viewer.userNid)
  const results: VisibleResult[] = []
  let { after } = page
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const take = page.limit - results.length + SPARE
    const candidates = await findEvents(services.queries, search, page.order, after, take)
    const texts = candidates.map(({ roomNid, textNid }) => ({ roomNid, eventNid: textNid }))
    const stored = await services.events.byPlaces([...candidates, ...texts])
    const sightings = await sightOf(services, services.openHistories, viewer, rooms, [...stored.values()])
    for (const found of candidates) {
      after = found
      const event = stored.get(found.eventNid)
      const sighting = sightings.get(found.eventNid)
      // Who may not see an edit does not find its words.
      if (!event || !sighting?.visible || !sightings.get(found.textNid)?.visible) continue
      if (event.redactedBy !== undefined || !page.matches(shownEvent(event))) continue
      results.push({ found, stored: event, sighting })
      if (results.length === page.limit) return { results, next: found }
    }
    if (candidates.length < take) return { results, next: undefined }
  }
  return { results, next: after }
}
