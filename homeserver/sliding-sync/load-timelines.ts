import type { EventNid, RoomNid } from '../../storage/numeric-ids.ts'
import { isAfter, type StreamPosition } from '../../storage/position/position.ts'
import { parseFilter } from '../filters/parse-filter.ts'
import type { Sighting } from '../history/event-sight.ts'
import type { ChangeSource } from '../sync/change-source.ts'
import type { SyncRequest } from '../sync/sync-request.ts'
import { loadTimelines, type Timeline, type Timelines } from '../sync/timelines.ts'
import type { SlidingPlan } from './plan-rooms.ts'
import type { SlidingRequest } from './sliding-request.ts'
import type { SlidingServices } from './sliding-services.ts'

/** The steps of `/sync` as they are for sliding sync: rules take the place of a filter. */
export function asSyncRequest({ viewer, since }: SlidingRequest, timelineLimit = 1): SyncRequest {
  return {
    viewer,
    since: since?.stream,
    filter: parseFilter({ room: { timeline: { limit: timelineLimit } } }),
    fullState: false,
    stateKey: 'state_after',
    timeoutMs: 0,
  }
}

/** Fills the timelines of all rooms: as many queries as there are limits, which are a client's few rules. */
export async function loadSlidingTimelines(
  services: SlidingServices,
  source: ChangeSource,
  request: SlidingRequest,
  plans: readonly SlidingPlan[],
): Promise<Timelines> {
  const limited = plans.filter(({ stripped, chosen }) => !stripped && chosen.config.timelineLimit > 0)
  const groups = Map.groupBy(limited, ({ chosen }) => chosen.config.timelineLimit)
  const loaded = await Promise.all(
    Array.from(groups, ([limit, group]) =>
      loadTimelines(
        services,
        source,
        asSyncRequest(request, limit),
        group.map((plan) => (plan.expanded ? { ...plan, after: undefined } : plan)),
      ),
    ),
  )
  return {
    byRoom: new Map<RoomNid, Timeline>(loaded.flatMap(({ byRoom }) => [...byRoom])),
    sightings: new Map<EventNid, Sighting>(loaded.flatMap(({ sightings }) => [...sightings])),
  }
}

/** How many events at the end of a timeline have happened since the last answer. */
export function liveEvents(timeline: Timeline | undefined, since: StreamPosition | undefined): number {
  const { events } = timeline ?? { events: [] }
  if (since === undefined) return 0
  const old = events.findLastIndex(({ streamPos }) => streamPos === undefined || !isAfter(streamPos, since))
  return events.length - 1 - old
}
