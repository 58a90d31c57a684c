import type { StoredEvent } from '../../storage/events/stored-event.ts'
import type { EventNid, RoomNid } from '../../storage/numeric-ids.ts'
import type { StreamPosition } from '../../storage/position/position.ts'
import type { UserRoom } from '../../storage/sync/user-rooms-reader.ts'
import { isAboveGap } from '../rooms/history-gap.ts'
import { sightOf, type Sighting } from '../history/event-sight.ts'
import { shownEvent } from '../history/event-text.ts'
import type { RoomEventFilter } from '../filters/filter.ts'
import type { ChangeSource } from './change-source.ts'
import { eventMatcher, roomMatcher } from './match-event.ts'
import type { RoomPlan } from './skeleton.ts'
import type { SyncRequest } from './sync-request.ts'
import type { ByRoom, SyncServices } from './sync-services.ts'
import { formatToken } from './tokens.ts'

/** What clients get who do not say. */
const DEFAULT_LIMIT = 10
/** More is what `/messages` is for. */
const MAX_LIMIT = 100
/** A filter that matches next to nothing may not make one sync read a whole room. */
const MAX_ROUNDS = 4
/** Each round reads so many times more than the one before. */
const ROUND_GROWTH = 4

/** The newest events of a room that the user may see and wants, oldest first. */
export interface Timeline {
  readonly events: readonly StoredEvent[]
  readonly limited: boolean
  /** The history's place that `prevBatch` ends before; undefined where nothing was looked at. */
  readonly oldest: number | undefined
  readonly prevBatch: string
}

/** Timelines by room, and what the user may know of their events. */
export interface Timelines {
  readonly byRoom: ByRoom<Timeline>
  readonly sightings: ReadonlyMap<EventNid, Sighting>
}

/** How many events of each room a filter asks for. */
export function limitOf({ limit }: Pick<RoomEventFilter, 'limit'>): number {
  return Math.min(limit ?? DEFAULT_LIMIT, MAX_LIMIT)
}

interface Growing {
  readonly plan: RoomPlan
  readonly newestFirst: StoredEvent[]
  scanned: number | undefined
  more: boolean
  full: boolean
  /** Something is missing below what was read: a timeline has no holes. */
  gap: boolean
}

/** Fills the timelines of all rooms together: two queries a round at most, and few rounds. */
export async function loadTimelines(
  services: SyncServices,
  source: ChangeSource,
  request: SyncRequest,
  plans: readonly RoomPlan[],
): Promise<Timelines> {
  const filter = request.filter.room.timeline
  const limit = limitOf(filter)
  const matches = eventMatcher(filter)
  const wantsRoom = roomMatcher(filter)
  const userRooms = new Map<RoomNid, UserRoom>(plans.map(({ roomNid, room }) => [roomNid, room]))
  const sightings = new Map<EventNid, Sighting>()
  const timelines = plans.map((plan): Growing => ({
    plan,
    newestFirst: [],
    scanned: undefined,
    more: true,
    full: false,
    gap: false,
  }))

  let growing = timelines.filter(({ plan }) => wantsRoom(plan.roomId))
  let take = limit + 1
  for (let round = 0; round < MAX_ROUNDS && growing.length > 0; round++) {
    const places = await source.newestPlaces(
      growing.map(({ plan: { roomNid, after, upTo }, scanned }) => ({
        roomNid,
        after,
        upTo,
        beforeHistory: scanned,
      })),
      take,
    )
    const events = await services.events.byPlaces(
      Array.from(places, ([roomNid, list]) => list.map(({ eventNid }) => ({ roomNid, eventNid }))).flat(),
    )
    const seen = await sightOf(services, services.openHistories, request.viewer, userRooms, [
      ...events.values(),
    ])
    for (const [eventNid, sighting] of seen) sightings.set(eventNid, sighting)
    for (const timeline of growing) {
      const list = places.get(timeline.plan.roomNid) ?? []
      timeline.more = list.length === take
      for (const { eventNid, historyPos } of list) {
        timeline.gap = hasGapBelow(timeline, historyPos)
        if (timeline.gap) break
        const stored = events.get(eventNid)
        if (stored && isShown(timeline.plan, stored, seen) && matches(shownEvent(stored))) {
          timeline.full = timeline.newestFirst.length === limit
          if (timeline.full) break
          timeline.newestFirst.push(stored)
        }
        timeline.scanned = historyPos
      }
      if (!timeline.full && !timeline.more) timeline.gap ||= hasGapBelow(timeline, undefined)
    }
    growing = growing.filter(({ full, gap, more }) => !full && !gap && more)
    take *= ROUND_GROWTH
  }
  return {
    sightings,
    byRoom: new Map(
      timelines.map((timeline) => [timeline.plan.roomNid, finished(timeline, wantsRoom, request)]),
    ),
  }
}

/**
 * Whether a gap lies between what was read of a room and the next older event. What was fetched into it since is no
 * news, so that a timeline of news has the gap still.
 */
function hasGapBelow({ plan, scanned }: Growing, next: number | undefined): boolean {
  if (scanned === undefined || !isAboveGap(scanned)) return false
  return plan.after !== undefined || (next !== undefined && next !== scanned - 1)
}

/** The end of the user's own stay is told whatever the visibility: it is why the room stands among those left. */
function isShown(
  { section, room }: RoomPlan,
  stored: StoredEvent,
  sightings: ReadonlyMap<EventNid, Sighting>,
): boolean {
  if (section === 'leave' && stored.eventNid === room.eventNid) return true
  return sightings.get(stored.eventNid)?.visible === true
}

function finished(
  { plan, newestFirst, scanned, more, full, gap }: Growing,
  wantsRoom: (roomId: string) => boolean,
  request: SyncRequest,
): Timeline {
  const events = newestFirst.toReversed()
  const gaveUp = more && !full && !gap && wantsRoom(plan.roomId)
  const oldest = gaveUp || gap ? scanned : events[0]?.historyPos
  const ephemeral = request.since?.ephemeral ?? { epoch: '0', version: 0 }
  return {
    events,
    limited: full || gap || gaveUp || plan.newlyJoined,
    oldest,
    prevBatch:
      oldest === undefined
        ? formatToken({ kind: 'stream', position: plan.upTo, ephemeral })
        : prevBatchOf(oldest, plan.upTo),
  }
}

/** Where the history goes on that lies before the place `oldest`, in an answer up to `upTo`. */
export function prevBatchOf(oldest: number, upTo: StreamPosition): string {
  return formatToken({ kind: 'history', place: oldest - 1, toldAt: upTo })
}
