import type { StoredEvent } from '../../storage/events/stored-event.ts'
import type { EventNid, RoomNid, TypeNid } from '../../storage/numeric-ids.ts'
import { currentState, type StateDelta } from '../../storage/sync/state-places-reader.ts'
import { shownEvent } from '../history/event-text.ts'
import { lazyMembers } from './lazy-members.ts'
import { ownEvents, whoWasMember } from './left-rooms.ts'
import { eventMatcher, roomMatcher } from './match-event.ts'
import { placeKey, type PlacedState } from './placed-state.ts'
import type { RoomPlan } from './skeleton.ts'
import { stateAtStart } from './state-at-start.ts'
import type { SyncRequest } from './sync-request.ts'
import type { ByRoom, SyncServices } from './sync-services.ts'
import type { Timeline } from './timelines.ts'

/** Works out the state section of all rooms together. */
export async function loadStates(
  services: SyncServices,
  request: SyncRequest,
  plans: readonly RoomPlan[],
  timelines: ByRoom<Timeline>,
  deltas: ByRoom<readonly StateDelta[]>,
  heroes: ByRoom<readonly string[]>,
): Promise<ByRoom<readonly StoredEvent[]>> {
  const { interner, events, replacedState } = services
  const memberType = await interner.typeNid('m.room.member')
  const filter = request.filter.room.state
  const lazy = filter.lazyLoadMembers
  const states = await readPlaces(services, plans, deltas, lazy ? memberType : undefined)
  if (lazy) {
    // Those who have left get all members with the state: the current ones are not theirs to see.
    const joinedPlans = plans.filter(({ section }) => section === 'join')
    if (request.since === undefined || request.fullState) services.sentMembers.forget(request.viewer)
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
    plans.map(({ roomNid, roomId }) => [
      roomNid,
      wantsRoom(roomId)
        ? [...states.get(roomNid)!.values()].flatMap((nid) => {
            const event = stored.get(nid)
            return event && matches(shownEvent(event)) ? [event] : []
          })
        : [],
    ]),
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
  const joined = plans.filter(({ whole, section }) => whole && section === 'join')
  const rows = await currentState(
    services.queries,
    joined.map(({ roomNid }) => roomNid),
    exceptType,
  )
  for (const { roomNid, typeNid, stateKeyNid, eventNid } of rows) {
    states.get(roomNid)!.set(placeKey(typeNid, stateKeyNid), eventNid)
  }
  for (const { roomNid, whole } of plans) {
    if (whole) continue
    const state = states.get(roomNid)!
    for (const { typeNid, stateKeyNid, eventNid } of deltas.get(roomNid) ?? []) {
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
