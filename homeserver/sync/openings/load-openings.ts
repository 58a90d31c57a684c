import type { StoredEvent } from '../../../storage/events/stored-event.ts'
import type { EventNid, RoomNid, TypeNid, UserNid } from '../../../storage/numeric-ids.ts'
import { comparePositions, STREAM_START } from '../../../storage/position/position.ts'
import { loadPresenter, type AgedPresenter } from '../../history/event-presenter.ts'
import type { Viewer } from '../../history/read-services.ts'
import { loadStates, type RoomState } from '../room-state.ts'
import { SentMembers, type SentMember } from '../sent-members.ts'
import type { RoomPlan } from '../skeleton.ts'
import type { SyncRequest } from '../sync-request.ts'
import type { ByRoom, SyncServices } from '../sync-services.ts'
import { loadTimelines, type Timeline, type Timelines } from '../timelines.ts'
import { AgedEvents } from './aged-events.ts'
import type { Opening } from './opening.ts'

/** Somebody who was everywhere from the start and of whom nothing particular is known. */
const ANYBODY: Viewer = { userNid: 0 as UserNid, userId: '', deviceId: '' }

/**
 * Loads openings of rooms as they are now. A room has none where what is seen of it depends on who looks: its history
 * has not always been open to members, or its timeline has events that came in late.
 *
 * @param asked whose form is taken; nothing else of it.
 */
export async function loadOpenings(
  services: SyncServices,
  asked: SyncRequest,
  roomNids: readonly RoomNid[],
): Promise<ByRoom<Opening>> {
  const { interner, openHistories, stored, facts, children } = services
  const plans = await plansOf(services, await openHistories.among(roomNids))
  if (plans.length === 0) return new Map()
  const request: SyncRequest = { ...asked, viewer: ANYBODY, since: undefined, fullState: false }
  const timelines = await loadTimelines(services, stored, request, plans)
  const shared = plans.filter(({ roomNid }) => isForAll(timelines, timelines.byRoom.get(roomNid)))
  const states = await loadStates(
    // Nobody is sent these members yet.
    { ...services, sentMembers: new SentMembers() },
    request,
    shared,
    timelines.byRoom,
    new Map(),
    await heroesOf({ interner, facts }, shared),
  )
  const all = shared.flatMap(({ roomNid }) => timelines.byRoom.get(roomNid)!.events)
  const parents = await children.of(all)
  const described = all.filter(({ eventNid }) => !parents.has(eventNid))
  const state = shared.flatMap(({ roomNid }) => states.get(roomNid)!.events)
  const presenter = await loadPresenter(
    services,
    services.replacedState,
    services.sent,
    ANYBODY,
    [...described, ...state],
    described,
  )
  const memberType = await interner.typeNid('m.room.member')
  return new Map(
    shared.map(({ roomNid }) => {
      const room = { timeline: timelines.byRoom.get(roomNid)!, state: states.get(roomNid)! }
      return [roomNid, openingOf(roomNid, room, parents, presenter, memberType)]
    }),
  )
}

async function plansOf(
  { interner, committer }: Pick<SyncServices, 'interner' | 'committer'>,
  roomNids: ReadonlySet<RoomNid>,
): Promise<RoomPlan[]> {
  const upTo = committer.head
  const roomIds = await interner.roomIds([...roomNids])
  return Array.from(roomIds, ([roomNid, roomId]) => ({
    roomNid,
    roomId,
    room: {
      roomNid,
      membership: 'join',
      eventNid: undefined,
      since: STREAM_START,
      joinedAt: STREAM_START,
      outside: false,
    },
    section: 'join',
    after: undefined,
    upTo,
    whole: true,
    newlyJoined: false,
  }))
}

/** Whether every member has seen all of a timeline, and in the order of the stream. */
function isForAll({ sightings }: Timelines, timeline: Timeline | undefined): boolean {
  if (!timeline || timeline.events.length === 0) return false
  return timeline.events.every(
    ({ eventNid, streamPos }) => streamPos !== undefined && sightings.get(eventNid)?.membership === 'join',
  )
}

/** One more than a user needs, since nobody is a hero to themselves. */
async function heroesOf(
  { interner, facts }: Pick<SyncServices, 'interner' | 'facts'>,
  plans: readonly RoomPlan[],
): Promise<ByRoom<readonly string[]>> {
  const summaries = await facts.summaries(plans.map(({ roomNid }) => roomNid))
  const names = await interner.userIds([...summaries.values()].flatMap(({ first }) => first))
  const namesOf = (userNids: readonly UserNid[]): string[] =>
    userNids.map((userNid) => names.get(userNid)).filter((name) => name !== undefined)
  return new Map(Array.from(summaries, ([roomNid, { first }]) => [roomNid, namesOf(first)]))
}

function openingOf(
  roomNid: RoomNid,
  { timeline: { events, limited, oldest }, state }: { timeline: Timeline; state: RoomState },
  parents: ReadonlyMap<EventNid, unknown>,
  presenter: AgedPresenter,
  memberType: TypeNid,
): Opening {
  const positions = events.map(({ streamPos }) => streamPos!).toSorted(comparePositions)
  const members = membersAmong(state.events, memberType)
  return {
    roomNid,
    timeline: new AgedEvents(events.map((stored) => presenter.around(stored, 'sync', 'join'))),
    eventNids: events.map(({ eventNid }) => eventNid),
    senderNids: events.map(({ senderNid }) => senderNid),
    senderIds: new Set(events.map(({ event }) => event.sender)),
    personal: new Set(events.map(({ eventNid }) => eventNid).filter((eventNid) => parents.has(eventNid))),
    limited,
    oldest: oldest!,
    firstPosition: positions[0]!,
    lastPosition: positions.at(-1)!,
    state: new AgedEvents(state.events.map((stored) => presenter.around(stored, 'sync'))),
    members,
    memberKeys: new Set(members.map(({ stateKeyNid }) => stateKeyNid)),
  }
}

function membersAmong(events: readonly StoredEvent[], memberType: TypeNid): SentMember[] {
  return events.flatMap(({ roomNid, eventNid, typeNid, stateKeyNid }) =>
    typeNid === memberType && stateKeyNid !== undefined ? [{ roomNid, eventNid, stateKeyNid }] : [],
  )
}
