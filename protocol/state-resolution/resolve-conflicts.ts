import type { RoomEvent } from '../events/room-event.ts'
import type { StateTuple } from '../state/state-map.ts'
import type { ConflictInput } from './conflict-input.ts'
import { conflictedEvents } from './conflicted-state.ts'
import { fullConflictedSet } from './full-conflicted-set.ts'
import type { Steps } from './steps.ts'
import { unconflictedPlaces } from './unconflicted-places.ts'
import { resolveV1 } from './v1.ts'
import { resolveV2 } from './v2.ts'

/**
 * Resolves the conflicted part of several states by the algorithm of their room version. Free of I/O: it asks for what
 * it needs. All events are of one room: that an event cites none of another room was checked on receipt.
 *
 * @returns the resolved state less its unconflicted part. A conflicted tuple that is not in it has no event any
 *   more; a tuple that no state had can be in it.
 */
export function* resolveConflicts(input: ConflictInput): Steps<Map<StateTuple, string>> {
  if (input.conflicted.size === 0) return new Map()
  const algorithm = input.version.stateResolution
  if (algorithm === 'v1') {
    yield* haveWhatAuthorises(conflictedEvents(input.conflicted), input)
    return yield* resolveV1(input.conflicted, input)
  }
  const full = yield* fullConflictedSet(algorithm, input)
  yield* haveWhatAuthorises(full, input)
  return yield* resolveV2(algorithm, full, input)
}

/** Everything that the auth rules read for any of the events that may be replayed. */
function* haveWhatAuthorises(eventIds: ReadonlySet<string>, input: ConflictInput): Steps<void> {
  yield { events: eventIds }
  const events = [...eventIds].flatMap((eventId): RoomEvent | [] => input.event(eventId) ?? [])
  const cited = events.flatMap(({ authEvents }) => authEvents)
  const [first] = events
  // No event lists the create event where the room id names it.
  const create = first && input.version.roomIdIsCreateHash ? [`$${first.roomId.slice(1)}`] : []
  yield { events: [...cited, ...create], places: unconflictedPlaces(input.version, events) }
}
