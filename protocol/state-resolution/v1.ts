import { createHash } from 'node:crypto'
import { checkAuth } from '../auth-rules/check-auth.ts'
import type { RoomEvent } from '../events/room-event.ts'
import { splitStateTuple, stateTuple, type StateTuple } from '../state/state-map.ts'
import type { ConflictedState } from './conflicted-state.ts'
import type { EventSource } from './event-source.ts'
import { PAUSE, type Steps } from './steps.ts'
import type { UnconflictedState } from './unconflicted-places.ts'

/**
 * The types whose conflicts are settled first, in this order, because the auth rules read them.
 * Only the empty state key governs the room, except for memberships.
 */
const AUTH_TYPES = ['m.room.power_levels', 'm.room.join_rules', 'm.room.member'] as const

type StateReader = (tuple: StateTuple) => RoomEvent | undefined

/**
 * State resolution of room version 1 (rooms/v1.md, "State resolution"). Here a tuple that some states lack is no
 * conflict: the union has it.
 *
 * @returns the resolution of the tuples in `conflicted`; other tuples never change.
 */
export function* resolveV1(
  conflicted: ConflictedState,
  source: EventSource & UnconflictedState,
): Steps<Map<StateTuple, string>> {
  const resolved = new Map<StateTuple, string>()
  const pending = new Map<StateTuple, RoomEvent[]>()
  for (const [tuple, column] of conflicted) {
    const eventIds = new Set(column.filter((eventId) => eventId !== undefined))
    const [only] = eventIds
    if (eventIds.size === 1 && only !== undefined) resolved.set(tuple, only)
    else pending.set(tuple, atHand(eventIds, source))
  }
  const read: StateReader = (tuple) => {
    const eventId = resolved.get(tuple) ?? source.unconflicted(tuple)
    return eventId === undefined ? undefined : source.event(eventId)
  }

  for (const type of AUTH_TYPES) {
    // Set aside until the type is done: the result for one member must not hang on who came before.
    const chosen = new Map<StateTuple, string>()
    for (const [tuple, events] of pending) {
      const place = splitStateTuple(tuple)
      if (place.type !== type || (type !== 'm.room.member' && place.stateKey !== '')) continue
      yield PAUSE
      const winner = resolveAuthEvents(tuple, events, read)
      if (winner !== undefined) chosen.set(tuple, winner.eventId)
    }
    for (const [tuple, eventId] of chosen) {
      resolved.set(tuple, eventId)
      pending.delete(tuple)
    }
  }
  const others = new Map<StateTuple, string>()
  for (const [tuple, events] of pending) {
    yield PAUSE
    const winner = resolveOtherEvents(events, read)
    if (winner !== undefined) others.set(tuple, winner.eventId)
  }
  for (const [tuple, eventId] of others) resolved.set(tuple, eventId)
  return resolved
}

function atHand(eventIds: Iterable<string>, source: EventSource): RoomEvent[] {
  const events: { event: RoomEvent; digest: string }[] = []
  for (const eventId of eventIds) {
    const event = source.event(eventId)
    if (event !== undefined) events.push({ event, digest: createHash('sha1').update(eventId).digest('hex') })
  }
  events.sort((a, b) => {
    if (a.event.depth !== b.event.depth) return a.event.depth - b.event.depth
    return a.digest > b.digest ? -1 : 1
  })
  return events.map(({ event }) => event)
}

/** From the shallowest event on, each that the one before it allows; the last of these. */
function resolveAuthEvents(
  tuple: StateTuple,
  ascending: readonly RoomEvent[],
  read: StateReader,
): RoomEvent | undefined {
  let [winner] = ascending
  for (const event of ascending.slice(1)) {
    const before = winner
    if (!allowed(event, (place) => (place === tuple ? before : read(place)))) break
    winner = event
  }
  return winner
}

/** The deepest event that is allowed. Where none is, the shallowest stays, as in every other implementation. */
function resolveOtherEvents(ascending: readonly RoomEvent[], read: StateReader): RoomEvent | undefined {
  return ascending.findLast((event) => allowed(event, read)) ?? ascending[0]
}

function allowed(event: RoomEvent, read: StateReader): boolean {
  return checkAuth(event, {
    create: read(stateTuple('m.room.create', '')),
    get: (type, stateKey) => read(stateTuple(type, stateKey)),
  }).allowed
}
