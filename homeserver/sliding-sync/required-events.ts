import type { StoredEvent } from '../../storage/events/stored-event.ts'
import type { StateKeyNid } from '../../storage/numeric-ids.ts'
import type { Timeline } from '../sync/timelines.ts'
import type { SlidingPlan } from './plan-rooms.ts'
import type { StateEvents } from './read-state.ts'

/** Members whom a client is assumed to remember; each answer with a new one writes them all. */
const MAX_REMEMBERED_MEMBERS = 200

const MEMBER = 'm.room.member'

/** A change of a room's state, the last of its place; without an event where the place is empty now. */
export interface StateChange {
  readonly type: string
  readonly stateKey: string
  readonly stateKeyNid: StateKeyNid
  readonly event: StoredEvent | undefined
}

/** A place of the state that is empty now (MSC4186, `StateStub`). */
export interface RemovedState {
  readonly type: string
  readonly stateKey: string
}

/** The state events that an answer says of a room. */
export interface RequiredEvents {
  readonly events: readonly StoredEvent[]
  readonly removed: readonly RemovedState[]
  /** Whom the client has been sent, this answer included. */
  readonly members: readonly StateKeyNid[]
}

/** Those whose membership events a timeline needs: senders, and whom its membership events are about. */
export function usersOfTimeline(timeline: Timeline | undefined): Set<string> {
  const users = new Set<string>()
  for (const { event } of timeline?.events ?? []) {
    users.add(event.sender)
    if (event.type === MEMBER && event.stateKey !== undefined) users.add(event.stateKey)
  }
  return users
}

/**
 * Chooses what an answer says of a room's state (MSC4186, "Lazy loaded memberships" and "Changes to
 * `required_state`").
 *
 * @param state what has been read: for an initial room or another config all that the selector matches, and the
 *   members whom the timeline needs.
 * @param end the event by which the user left, to be told whatever the client asks for.
 */
export function requiredEvents(
  plan: SlidingPlan,
  timeline: Timeline | undefined,
  changes: readonly StateChange[],
  state: StateEvents,
  end: StoredEvent | undefined,
): RequiredEvents {
  const { selector, formerSelector, initial, sent } = plan
  const chosen = new Map<string, StoredEvent>()
  const removed: RemovedState[] = []
  const known = new Set(initial ? [] : sent.members)
  const add = (stored: StoredEvent): void => void chosen.set(stored.event.eventId, stored)
  const isNamed = (type: string, stateKey: string): boolean =>
    selector.matches(type, stateKey) && (initial || formerSelector?.matches(type, stateKey) === false)
  if (initial || formerSelector) {
    for (const stored of state.values()) {
      if (isNamed(stored.event.type, stored.event.stateKey!)) add(stored)
    }
  }
  const users = selector.lazy ? usersOfTimeline(timeline) : new Set<string>()
  for (const { type, stateKey, stateKeyNid, event } of changes) {
    // Without a hole in the timeline, clients keep their list of members complete by what they are sent.
    const lazily = selector.lazy && type === MEMBER && (timeline?.limited !== true || users.has(stateKey))
    if (selector.matches(type, stateKey) || lazily) {
      if (event) add(event)
      else removed.push({ type, stateKey })
    }
    if (type !== MEMBER) continue
    if (lazily && event) known.add(stateKeyNid)
    else known.delete(stateKeyNid)
  }
  for (const userId of users) {
    const stored = state.get(MEMBER, userId)
    if (!stored || selector.matches(MEMBER, userId)) continue
    if (known.has(stored.stateKeyNid!)) continue
    add(stored)
    known.add(stored.stateKeyNid!)
  }
  if (end) add(end)
  return { events: [...chosen.values()], removed, members: [...known].slice(-MAX_REMEMBERED_MEMBERS) }
}
