import type { StoredEvent } from '../../storage/events/stored-event.ts'
import type { EventNid, RoomNid } from '../../storage/numeric-ids.ts'
import type { StateDelta } from '../../storage/sync/state-places-reader.ts'
import type { ChangeSource } from '../sync/change-source.ts'
import { ownEvents, whoWasMember } from '../sync/left-rooms.ts'
import { loadOutsideEnds } from '../sync/outside-ends.ts'
import { readDeltas } from '../sync/state-changes.ts'
import { loadStrippedRooms } from '../sync/stripped-rooms.ts'
import { loadSummaries, type SeenSummary } from '../sync/summaries.ts'
import type { ByRoom } from '../sync/sync-services.ts'
import type { Timelines } from '../sync/timelines.ts'
import { asSyncRequest, liveEvents, loadSlidingTimelines } from './load-timelines.ts'
import type { SlidingPlan } from './plan-rooms.ts'
import { readState, StateEvents, type StateRead } from './read-state.ts'
import { requiredEvents, usersOfTimeline, type RequiredEvents, type StateChange } from './required-events.ts'
import { profileNews, profileOf, type ProfileNews } from './room-profile.ts'
import type { RoomResult } from './room-result.ts'
import type { SlidingRequest } from './sliding-request.ts'
import type { SlidingServices } from './sliding-services.ts'

/** What hydration itself finds out of a room. */
export type HydratedRoom = Omit<RoomResult, 'bumpStamp' | 'isDm' | 'unread'> & {
  /** Whom the client has been sent, this answer included. */
  readonly members: RequiredEvents['members']
}

/** Loads what answers say of rooms, for all rooms together. */
export async function hydrateRooms(
  services: SlidingServices,
  source: ChangeSource,
  request: SlidingRequest,
  plans: readonly SlidingPlan[],
): Promise<{ readonly rooms: readonly HydratedRoom[]; readonly sightings: Timelines['sightings'] }> {
  const strippedPlans = plans.filter(({ stripped, initial }) => stripped && initial)
  const open = plans.filter(({ stripped }) => !stripped)
  const left = open.filter(({ section, membershipChanged }) => section === 'leave' && membershipChanged)
  const [timelines, deltas, stripped, wasMember, outsideEnds, ends] = await Promise.all([
    loadSlidingTimelines(services, source, request, open),
    readDeltas(services, source, open),
    loadStrippedRooms(
      services,
      request.viewer,
      strippedPlans.map(({ room }) => room),
    ),
    whoWasMember(services, open),
    loadOutsideEnds(services, asSyncRequest(request), left),
    services.events.byPlaces(ownEvents(left)),
  ])
  const readable = open.filter(({ section, roomNid }) => section === 'join' || wasMember.has(roomNid))
  const changes = await namedChanges(services, deltas)
  const news = new Map(
    readable.map((plan) => [plan.roomNid, profileNews(plan, changes.get(plan.roomNid) ?? [])]),
  )
  const summaries = await summariesOf(services, request, readable, news)
  const states = await readState(
    services,
    readable.map((plan) => stateRead(plan, timelines, news.get(plan.roomNid)!, summaries.get(plan.roomNid))),
  )
  return {
    sightings: timelines.sightings,
    rooms: plans.map((plan): HydratedRoom => {
      const { roomNid, room } = plan
      const timeline = timelines.byRoom.get(roomNid)
      const state = states.get(roomNid)
      const end = room.eventNid === undefined ? undefined : ends.get(room.eventNid)
      const required = requiredEvents(
        plan,
        timeline,
        changes.get(roomNid) ?? [],
        state ?? new StateEvents(),
        end,
      )
      return {
        plan,
        timeline,
        live: liveEvents(timeline, request.since?.stream.position),
        required: required.events,
        removed: required.removed,
        members: required.members,
        stripped: stripped.get(roomNid)?.events ?? [],
        outsideEnd: outsideEnds.get(roomNid),
        profile: state ? profileOf(plan, news.get(roomNid)!, summaries.get(roomNid), state) : {},
      }
    }),
  }
}

/** Changes of state by the names of their places, the last of each. */
async function namedChanges(
  { interner, events }: SlidingServices,
  deltas: ByRoom<readonly StateDelta[]>,
): Promise<ByRoom<readonly StateChange[]>> {
  const all = [...deltas.values()].flat()
  const [types, keys, stored] = await Promise.all([
    interner.types(new Set(all.map(({ typeNid }) => typeNid))),
    interner.stateKeys(new Set(all.map(({ stateKeyNid }) => stateKeyNid))),
    events.byPlaces(
      all.flatMap(({ roomNid, eventNid }) => (eventNid === undefined ? [] : [{ roomNid, eventNid }])),
    ),
  ])
  const eventOf = (nid: EventNid | undefined): StoredEvent | undefined =>
    nid === undefined ? undefined : stored.get(nid)
  const byRoom = new Map<RoomNid, readonly StateChange[]>()
  for (const [roomNid, list] of deltas) {
    const last = new Map<string, StateChange>()
    for (const { typeNid, stateKeyNid, eventNid } of list) {
      const [type, stateKey] = [types.get(typeNid), keys.get(stateKeyNid)]
      if (type === undefined || stateKey === undefined) continue
      last.set(`${typeNid}/${stateKeyNid}`, { type, stateKey, stateKeyNid, event: eventOf(eventNid) })
    }
    byRoom.set(roomNid, [...last.values()])
  }
  return byRoom
}

/** Counts and heroes where the members may have changed, or a name may have come to lack. */
function summariesOf(
  services: SlidingServices,
  { viewer }: SlidingRequest,
  plans: readonly SlidingPlan[],
  news: ByRoom<ProfileNews>,
): Promise<ByRoom<SeenSummary>> {
  const asked = plans.filter(({ section, roomNid, dmChanged }) => {
    const { name, avatar, members } = news.get(roomNid)!
    return section === 'join' && (name || avatar || members || dmChanged)
  })
  return loadSummaries(
    services,
    viewer,
    asked.map(({ roomNid }) => roomNid),
  )
}

function stateRead(
  plan: SlidingPlan,
  timelines: Timelines,
  news: ProfileNews,
  summary: SeenSummary | undefined,
): StateRead {
  const { initial, formerSelector, selector, roomNid, dmChanged } = plan
  const looks = news.name || news.avatar || news.members || dmChanged
  const lazy = selector.lazy ? usersOfTimeline(timelines.byRoom.get(roomNid)) : []
  const members = new Set([...(summary?.heroes ?? []), ...lazy])
  return {
    plan,
    selector: initial || formerSelector ? selector : undefined,
    places: [
      ...(looks ? ['m.room.name', 'm.room.avatar'].map((type) => ({ type, stateKey: '' })) : []),
      ...Array.from(members, (stateKey) => ({ type: 'm.room.member', stateKey })),
    ],
  }
}
