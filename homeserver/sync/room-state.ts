import type { StoredEvent } from '../../storage/events/stored-event.ts'
import type { EventNid, RoomNid, StateKeyNid, TypeNid } from '../../storage/numeric-ids.ts'
import { currentState, type StateDelta } from '../../storage/sync/state-places-reader.ts'
import { shownEvent } from '../history/event-text.ts'
import { lazyMembers } from './lazy-members.ts'
import { ownEvents, whoWasMember } from './left-rooms.ts'
import { eventMatcher, isSelective, roomMatcher } from './match-event.ts'
import type { RoomMemberTexts } from './member-texts.ts'
import { placeKey, type PlacedState } from './placed-state.ts'
import type { RoomPlan } from './skeleton.ts'
import { stateAtStart } from './state-at-start.ts'
import type { SyncRequest } from './sync-request.ts'
import type { ByRoom, SyncServices } from './sync-services.ts'
import type { Timeline } from './timelines.ts'
import { isLearnt } from '../../storage/partial-joins/settled-state.ts'

const NO_TEXTS: ByRoom<RoomMemberTexts> = new Map()

/** The state section of a room. */
export interface RoomState {
  readonly events: readonly StoredEvent[]
  /** Where all members are sent, their events as pieces of JSON text, a comma before each event. */
  readonly members: readonly Buffer[]
}

export const NO_STATE: RoomState = { events: [], members: [] }

/** Works out the state section of all rooms together. */
export async function loadStates(
  services: SyncServices,
  request: SyncRequest,
  plans: readonly RoomPlan[],
  timelines: ByRoom<Timeline>,
  deltas: ByRoom<readonly StateDelta[]>,
  heroes: ByRoom<readonly string[]>,
): Promise<ByRoom<RoomState>> {
  const { interner, events, replacedState } = services
  const memberType = await interner.typeNid('m.room.member')
  const filter = request.filter.room.state
  const lazy = filter.lazyLoadMembers
  const inText = !lazy && takesTexts(request)
  const states = await readPlaces(services, plans, deltas, lazy || inText ? memberType : undefined)
  const memberTexts = inText ? await services.memberTexts.of(roomsInFull(plans)) : NO_TEXTS
  for (const [roomNid, { redacted }] of memberTexts) {
    for (const { stateKeyNid, eventNid } of redacted) {
      states.get(roomNid)!.set(placeKey(memberType, stateKeyNid), eventNid)
    }
  }
  if (lazy) {
    // Those who have left get all members with the state: the current ones are not theirs to see.
    const joinedPlans = plans.filter(({ section }) => section === 'join')
    const members = await lazyMembers(services, request, joinedPlans, timelines, heroes)
    for (const { roomNid, stateKeyNid, eventNid } of members) {
      const key = placeKey(memberType, stateKeyNid)
      const state = states.get(roomNid)
      if (state && !state.has(key)) state.set(key, eventNid)
    }
  }
  if (request.stateKey === 'state') {
    const shown = plans.flatMap(({ roomNid }) => timelines.get(roomNid)?.events ?? [])
    const replaced = await replacedState.of(shown)
    for (const plan of plans) {
      const { roomNid, after } = plan
      stateAtStart(
        states.get(roomNid)!,
        timelines.get(roomNid)?.events ?? [],
        replaced,
        plan.whole || after === undefined ? undefined : (deltas.get(roomNid) ?? []),
      )
    }
  }

  const stored = await events.byPlaces(
    plans.flatMap(({ roomNid }) =>
      Array.from(states.get(roomNid)!.values(), (eventNid) => ({ roomNid, eventNid })),
    ),
  )
  const matches = eventMatcher(filter)
  const wantsRoom = roomMatcher(filter)
  return new Map(
    plans.map(({ roomNid, roomId }) => {
      if (!wantsRoom(roomId)) return [roomNid, NO_STATE]
      const events = [...states.get(roomNid)!.values()].flatMap((nid) => {
        const event = stored.get(nid)
        return event && matches(shownEvent(event)) ? [event] : []
      })
      const block = memberTexts.get(roomNid)?.block
      if (!block) return [roomNid, { events, members: [] }]
      // Where the state is that at the timeline's start, those that it changes have been placed above.
      const timeline = request.stateKey === 'state' ? (timelines.get(roomNid)?.events ?? []) : []
      const members = block.without(membersIn(timeline, memberType))
      return [roomNid, { events, members }]
    }),
  )
}

/** Whether member events may be sent as they are kept: nothing is to be left out, and they keep their form. */
function takesTexts({ filter }: SyncRequest): boolean {
  return (
    filter.eventFormat === 'client' && filter.eventFields === undefined && !isSelective(filter.room.state)
  )
}

function roomsInFull(plans: readonly RoomPlan[]): RoomNid[] {
  return plans.filter(({ whole, section }) => whole && section === 'join').map(({ roomNid }) => roomNid)
}

function membersIn(timeline: readonly StoredEvent[], memberType: TypeNid): StateKeyNid[] {
  return timeline.flatMap(({ typeNid, stateKeyNid }) =>
    typeNid === memberType && stateKeyNid !== undefined ? [stateKeyNid] : [],
  )
}

async function readPlaces(
  services: SyncServices,
  plans: readonly RoomPlan[],
  deltas: ReadonlyMap<RoomNid, readonly StateDelta[]>,
  exceptType: TypeNid | undefined,
): Promise<Map<RoomNid, PlacedState>> {
  const states = new Map<RoomNid, PlacedState>(
    plans.map(({ roomNid }) => [roomNid, new Map<string, EventNid>()]),
  )
  const rows = await currentState(services.queries, roomsInFull(plans), exceptType)
  for (const { roomNid, typeNid, stateKeyNid, eventNid } of rows) {
    states.get(roomNid)!.set(placeKey(typeNid, stateKeyNid), eventNid)
  }
  for (const { roomNid, whole } of plans) {
    if (whole) continue
    const state = states.get(roomNid)!
    for (const delta of deltas.get(roomNid) ?? []) {
      // Only lazily loading clients were told of the room before its members were known.
      if (isLearnt(delta)) continue
      const { typeNid, stateKeyNid, eventNid } = delta
      if (eventNid === undefined) state.delete(placeKey(typeNid, stateKeyNid))
      else state.set(placeKey(typeNid, stateKeyNid), eventNid)
    }
  }
  const left = plans.filter(({ whole, section }) => section === 'leave' && whole)
  await readLeftStates(services, left, states)
  return states
}

/** The state of rooms as the user left them, which only the trie still knows. */
async function readLeftStates(
  services: SyncServices,
  left: readonly RoomPlan[],
  states: ReadonlyMap<RoomNid, PlacedState>,
): Promise<void> {
  if (left.length === 0) return
  const wasMember = await whoWasMember(services, left)
  const ends = await services.events.byPlaces(ownEvents(left))
  await Promise.all(
    Array.from(ends.values(), async ({ roomNid, stateAfter }) => {
      if (stateAfter === undefined || !wasMember.has(roomNid)) return
      for (const { typeNid, stateKeyNid, eventNid } of await services.trie.entries(roomNid, stateAfter)) {
        states.get(roomNid)!.set(placeKey(typeNid, stateKeyNid), eventNid)
      }
    }),
  )
}
