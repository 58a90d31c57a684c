import type { UserNid } from '../numeric-ids.ts'

/** What an event is to one user. */
export interface PersonalOutcome {
  readonly userNid: UserNid
  readonly notify: boolean
  readonly highlight: boolean
}

/** Whom a new event notifies (client-server API, "Receiving notifications"), its sender apart. */
export interface EventReach {
  /** The root's event id, or `main`. */
  readonly thread: string
  /** Whether it notifies every member who has not silenced the room. */
  readonly counted: boolean
  /** Whether it stands out for every member too; then it is counted. */
  readonly toRoom: boolean
  /** Users for whom it is something else than it would be by the above. */
  readonly personal: readonly PersonalOutcome[]
}

/** What of a room reaches a user whose rules say nothing of the single event. */
export interface Hearing {
  /** Whether plain messages notify; false where the user has muted the room, for example. */
  readonly messages: boolean
  /** Whether what stands out for all members does so for this one. */
  readonly roomMentions: boolean
}

/** The hearing of all whose push rules are the default ones. */
export const FULL_HEARING: Hearing = { messages: true, roomMentions: true }

/** What an event is to a user of whom no {@link PersonalOutcome} tells otherwise. */
export function expectedOutcome(
  reach: Pick<EventReach, 'counted' | 'toRoom'>,
  hearing: Hearing,
): { readonly notify: boolean; readonly highlight: boolean } {
  const highlight = reach.toRoom && hearing.roomMentions
  return { notify: highlight || (reach.counted && hearing.messages), highlight }
}
