import { membershipIn } from '../../protocol/auth-rules/membership.ts'
import type { EventNid, RoomNid } from '../../storage/numeric-ids.ts'
import type { RoomPlan } from './skeleton.ts'
import type { SyncServices } from './sync-services.ts'

/** What of a plan says how the user stands to a room. */
export type Stay = Pick<RoomPlan, 'roomNid' | 'room' | 'section'>

/** The rooms that the user has left as a member; who only turned down an invite learns no state. */
export async function whoWasMember(services: SyncServices, plans: readonly Stay[]): Promise<Set<RoomNid>> {
  const left = plans.filter(({ section }) => section === 'leave')
  if (left.length === 0) return new Set()
  const ends = await services.events.byPlaces(ownEvents(left))
  const replaced = await services.replacedState.of([...ends.values()])
  const before = await services.events.byPlaces(
    [...ends.values()].flatMap(({ roomNid, eventNid }) => {
      const previous = replaced.get(eventNid)
      return previous === undefined ? [] : [{ roomNid, eventNid: previous }]
    }),
  )
  return new Set(
    [...before.values()].filter(({ event }) => membershipIn(event) === 'join').map(({ roomNid }) => roomNid),
  )
}

/** The events that ended the user's stays. */
export function ownEvents(plans: readonly Stay[]): { roomNid: RoomNid; eventNid: EventNid }[] {
  return plans.flatMap(({ roomNid, room }) =>
    room.eventNid === undefined ? [] : [{ roomNid, eventNid: room.eventNid }],
  )
}
