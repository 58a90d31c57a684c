import type { RoomEvent } from '../events/room-event.ts'
import { stateTuple } from '../state/state-map.ts'

/**
 * The part of a room's state that an event is judged against. It holds accepted events of that room only.
 * `create` stands apart because from version 12 on the room id implies it: no event lists it.
 */
export interface AuthState {
  readonly create: RoomEvent | undefined
  get(type: string, stateKey: string): RoomEvent | undefined
}

/**
 * An auth state made of single events, for the judgement of an event by its own `auth_events`.
 *
 * @param events state events; of two at one place the later one counts.
 * @param create the room's create event where it is not among `events` (version 12).
 */
export function authStateOf(events: Iterable<RoomEvent>, create?: RoomEvent): AuthState {
  const places = new Map<string, RoomEvent>()
  for (const event of events) {
    if (event.stateKey !== undefined) places.set(stateTuple(event.type, event.stateKey), event)
  }
  return {
    create: create ?? places.get(stateTuple('m.room.create', '')),
    get: (type, stateKey) => places.get(stateTuple(type, stateKey)),
  }
}
