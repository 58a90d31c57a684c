import { isUserId } from '../../protocol/identifiers/user-id.ts'
import { stateTuple, type StateTuple } from '../../protocol/state/state-map.ts'
import type { CurrentStateChange, MembershipChange } from '../../storage/events/event-write.ts'
import type { StoredEvent } from '../../storage/events/stored-event.ts'
import type { EventNid } from '../../storage/numeric-ids.ts'
import type { Membership } from '../../storage/schema/membership.ts'
import type { StateRoot } from '../../storage/state-trie/state-root.ts'
import { membershipIn } from './membership-in.ts'
import type { OpenRoom } from './open-room.ts'
import type { RoomServices } from './room-services.ts'

/** What the current state loses and gains, and what that means for the members. */
export interface StateChanges {
  readonly changes: readonly CurrentStateChange[]
  readonly memberships: readonly MembershipChange[]
  /** What now stands at the changed places; undefined where nothing does any more. */
  readonly changed: ReadonlyMap<StateTuple, StoredEvent | undefined>
}

const NO_CHANGES: StateChanges = { changes: [], memberships: [], changed: new Map() }

/** The way from one state of the room to another. Nodes and events of both must be readable. */
export async function stateChangesBetween(
  { trie, interner }: RoomServices,
  room: OpenRoom,
  from: StateRoot,
  to: StateRoot,
): Promise<StateChanges> {
  if (from === to) return NO_CHANGES
  const differences = await trie.diff(room.head.roomNid, from, to)
  const nids = differences.flatMap(({ a, b }) => [a, b]).filter((nid) => nid !== undefined)
  const events = await room.eventsByNid(nids)
  const eventAt = (nid: EventNid | undefined): StoredEvent | undefined =>
    nid === undefined ? undefined : events.get(nid)

  const memberTypeNid = await interner.typeNid('m.room.member')
  const memberDifferences = differences.filter(({ typeNid }) => typeNid === memberTypeNid)
  const userIds = memberDifferences.map(({ a, b }) => (eventAt(b) ?? eventAt(a))?.event.stateKey ?? '')
  // The rules let a membership stand at a state key that is no user id; it is nobody's.
  const userNids = await interner.userNids(userIds.filter(isUserId))
  const memberships = memberDifferences.flatMap(({ b }, index): MembershipChange[] => {
    const userNid = userNids.get(userIds[index]!)
    if (userNid === undefined) return []
    const stored = eventAt(b)
    return [
      {
        userNid,
        membership: stored ? membershipIn(stored.event) : ('leave' satisfies Membership),
        eventNid: b,
        senderNid: stored?.senderNid ?? userNid,
      },
    ]
  })
  return {
    changes: differences.map(({ typeNid, stateKeyNid, a, b }) => ({
      typeNid,
      stateKeyNid,
      previousNid: a,
      eventNid: b,
    })),
    memberships,
    changed: new Map(
      differences.map(({ a, b }) => {
        const { event } = (eventAt(b) ?? eventAt(a))!
        return [stateTuple(event.type, event.stateKey!), eventAt(b)]
      }),
    ),
  }
}
