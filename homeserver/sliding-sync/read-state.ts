import type { StoredEvent } from '../../storage/events/stored-event.ts'
import type { EventNid, RoomNid, StateKeyNid, TypeNid } from '../../storage/numeric-ids.ts'
import { currentStateOfTypes } from '../../storage/sliding-sync/state-by-type-reader.ts'
import { currentPlaces, currentState, type StatePlace } from '../../storage/sync/state-places-reader.ts'
import { ownEvents, type Stay } from '../sync/left-rooms.ts'
import type { SyncServices } from '../sync/sync-services.ts'
import type { StateSelector } from './required-state.ts'

/** What is to be read of a room's state. */
export interface StateRead {
  readonly plan: Stay
  /** Read all that it can match. */
  readonly selector: StateSelector | undefined
  readonly places: readonly { readonly type: string; readonly stateKey: string }[]
}

/** The state of a room, as far as it has been read. */
export class StateEvents {
  readonly #events = new Map<string, StoredEvent>()

  /** The event at a place. */
  get(type: string, stateKey: string): StoredEvent | undefined {
    return this.#events.get(keyOf(type, stateKey))
  }

  /** Puts an event at its place. */
  add(stored: StoredEvent): void {
    this.#events.set(keyOf(stored.event.type, stored.event.stateKey!), stored)
  }

  /** All of them. */
  values(): Iterable<StoredEvent> {
    return this.#events.values()
  }
}

/**
 * Reads parts of the state of many rooms: current for members, as it was for those who left. The number of queries
 * does not depend on the number of rooms that the user is in.
 */
export async function readState(
  services: SyncServices,
  reads: readonly StateRead[],
): Promise<ReadonlyMap<RoomNid, StateEvents>> {
  const { interner, events } = services
  const wanted = reads.map((read) => ({
    ...read,
    places: [...read.places, ...(read.selector?.places ?? [])],
  }))
  const [types, keys] = await Promise.all([
    interner.findTypeNids(
      new Set(
        wanted.flatMap(({ places, selector }) => [
          ...places.map(({ type }) => type),
          ...(selector?.types ?? []),
        ]),
      ),
    ),
    interner.findStateKeyNids(
      new Set(wanted.flatMap(({ places }) => places.map(({ stateKey }) => stateKey))),
    ),
  ])
  const resolved = wanted.map(({ plan, selector, places }): ResolvedRead => ({
    plan,
    selector,
    types: (selector?.types ?? []).flatMap((type) => types.get(type) ?? []),
    places: places.flatMap(({ type, stateKey }) => {
      const [typeNid, stateKeyNid] = [types.get(type), keys.get(stateKey)]
      return typeNid === undefined || stateKeyNid === undefined ? [] : [{ typeNid, stateKeyNid }]
    }),
  }))
  const found = [
    ...(await readCurrent(
      services,
      resolved.filter(({ plan }) => plan.section === 'join'),
    )),
    ...(await readLeft(
      services,
      resolved.filter(({ plan }) => plan.section === 'leave'),
    )),
  ]
  const states = new Map<RoomNid, StateEvents>(reads.map(({ plan }) => [plan.roomNid, new StateEvents()]))
  for (const stored of (await events.byPlaces(found)).values()) states.get(stored.roomNid)?.add(stored)
  return states
}

interface ResolvedRead {
  readonly plan: Stay
  readonly selector: StateSelector | undefined
  readonly types: readonly TypeNid[]
  readonly places: readonly { readonly typeNid: TypeNid; readonly stateKeyNid: StateKeyNid }[]
}

interface FoundEvent {
  readonly roomNid: RoomNid
  readonly eventNid: EventNid
}

async function readCurrent(services: SyncServices, reads: readonly ResolvedRead[]): Promise<FoundEvent[]> {
  const { queries, interner, members } = services
  const memberType = await interner.typeNid('m.room.member')
  const places = reads.flatMap(({ plan: { roomNid }, places: list }) =>
    list.map((place) => ({ roomNid, ...place })),
  )
  const memberPlaces = places.filter(({ typeNid }) => typeNid === memberType)
  const roomsWithAll = (withMembers: boolean): RoomNid[] =>
    reads
      .filter(({ selector }) => selector?.anyType === true && selector.anyMember === withMembers)
      .map(({ plan }) => plan.roomNid)
  const [memberNids, ...rows] = await Promise.all([
    members.at(memberPlaces),
    currentPlaces(
      queries,
      places.filter(({ typeNid }) => typeNid !== memberType),
    ),
    currentStateOfTypes(
      queries,
      reads.flatMap(({ plan: { roomNid }, types }) => types.map((typeNid) => ({ roomNid, typeNid }))),
    ),
    currentState(queries, roomsWithAll(true)),
    currentState(queries, roomsWithAll(false), memberType),
  ])
  const found: readonly Pick<StatePlace, 'roomNid' | 'eventNid'>[] = rows.flat()
  return [
    ...found,
    ...memberPlaces.flatMap(({ roomNid }, index) => {
      const eventNid = memberNids[index]
      return eventNid === undefined ? [] : [{ roomNid, eventNid }]
    }),
  ]
}

/** The state of rooms as the user left them, which only the trie still knows. */
async function readLeft(services: SyncServices, reads: readonly ResolvedRead[]): Promise<FoundEvent[]> {
  if (reads.length === 0) return []
  const { events, trie } = services
  const ends = await events.byPlaces(ownEvents(reads.map(({ plan }) => plan)))
  const byRoom = new Map(Array.from(ends.values(), (stored) => [stored.roomNid, stored]))
  const found = await Promise.all(
    reads.map(async ({ plan: { roomNid }, selector, types, places }): Promise<FoundEvent[]> => {
      const root = byRoom.get(roomNid)?.stateAfter
      if (root === undefined) return []
      if (types.length > 0 || selector?.anyType === true) {
        const entries = await trie.entries(roomNid, root)
        return entries.map(({ eventNid }) => ({ roomNid, eventNid }))
      }
      const nids = await trie.getMany(roomNid, root, places)
      return nids.flatMap((eventNid) => (eventNid === undefined ? [] : [{ roomNid, eventNid }]))
    }),
  )
  return found.flat()
}

function keyOf(type: string, stateKey: string): string {
  return `${type.length} ${type}${stateKey}`
}
