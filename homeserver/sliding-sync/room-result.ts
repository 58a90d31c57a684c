import type { StoredEvent } from '../../storage/events/stored-event.ts'
import type { Timeline } from '../sync/timelines.ts'
import type { SlidingPlan } from './plan-rooms.ts'
import type { RemovedState } from './required-events.ts'
import type { RoomProfile } from './room-profile.ts'

/** All that an answer says of one room, before it is put into a wire form. Undefined fields have not changed. */
export interface RoomResult {
  readonly plan: SlidingPlan
  /** Undefined where the user sees no history, or the client wants none. */
  readonly timeline: Timeline | undefined
  /** So many of the newest events of the timeline have happened since the last answer. */
  readonly live: number
  readonly required: readonly StoredEvent[]
  readonly removed: readonly RemovedState[]
  /** JSON texts of stripped state, of who is invited or knocks. */
  readonly stripped: readonly string[]
  /** JSON text of the event that ended an invite or a knock in a room that this server is not in. */
  readonly outsideEnd: string | undefined
  readonly profile: RoomProfile
  readonly bumpStamp: number | undefined
  readonly isDm: boolean | undefined
  /** Undefined for who is not joined. */
  readonly unread: { readonly notifications: number; readonly highlights: number } | undefined
}

/** Whether there is anything to say of a room. */
export function saysSomething({
  plan,
  timeline,
  required,
  removed,
  outsideEnd,
  profile,
}: RoomResult): boolean {
  if (plan.initial || plan.expanded || plan.dmChanged) return true
  if (plan.membershipChanged || timeline?.limited === true || outsideEnd !== undefined) return true
  return [timeline?.events ?? [], required, removed, Object.keys(profile)].some((list) => list.length > 0)
}
