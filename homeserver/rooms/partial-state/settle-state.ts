import { isUserId } from '../../../protocol/identifiers/user-id.ts'
import type { CurrentStateChange, MembershipChange } from '../../../storage/events/event-write.ts'
import type { EventNid, TypeNid } from '../../../storage/numeric-ids.ts'
import { currentStateRows } from '../../../storage/partial-joins/partial-joins.ts'
import { SETTLED_STATE } from '../../../storage/partial-joins/settled-state.ts'
import type { StreamPosition } from '../../../storage/position/position.ts'
import type { StateTupleNids } from '../../../storage/state-trie/trie-node.ts'
import { membershipIn } from '../membership-in.ts'
import type { OpenRoom } from '../open-room.ts'
import type { RoomServices } from '../room-services.ts'

/** What stands at a place in the tables, and where that is. */
export interface UnsettledPlace extends StateTupleNids {
  readonly inTables: EventNid | undefined
}

/** The places at which the tables of the current state differ from the state of the room's head. */
export async function unsettledPlaces(services: RoomServices, room: OpenRoom): Promise<UnsettledPlace[]> {
  const { roomNid, root } = room.head
  const rows = await currentStateRows(services.queries, roomNid)
  const inTables = new Map(rows.map((row) => [`${row.typeNid}/${row.stateKeyNid}`, row]))
  const places: UnsettledPlace[] = []
  for (const { typeNid, stateKeyNid, eventNid } of await services.trie.entries(roomNid, root)) {
    const key = `${typeNid}/${stateKeyNid}`
    const row = inTables.get(key)
    inTables.delete(key)
    if (row?.eventNid !== eventNid) places.push({ typeNid, stateKeyNid, inTables: row?.eventNid })
  }
  const gone = Array.from(inTables.values(), ({ eventNid, ...place }) => ({ ...place, inTables: eventNid }))
  return [...places, ...gone]
}

/**
 * Brings some places of the tables to what the room's head says now. Nothing else may be under way in the room.
 *
 * @param options.joinedSince where in the stream members count from that have become known.
 * @param options.last whether with these the tables say all: the room is then joined as a whole.
 */
export async function settleState(
  services: RoomServices,
  room: OpenRoom,
  places: readonly UnsettledPlace[],
  { joinedSince, last = false }: { readonly joinedSince: StreamPosition; readonly last?: boolean },
): Promise<void> {
  const { roomNid, root, lease } = room.head
  const nids = await services.trie.getMany(roomNid, root, places)
  const stateChanges = places.map(({ typeNid, stateKeyNid, inTables }, index): CurrentStateChange => {
    const eventNid = nids[index]
    // Where the tables had nothing, nothing has changed: it has become known.
    return { typeNid, stateKeyNid, eventNid, previousNid: inTables ?? eventNid }
  })
  const memberships = await membershipsOf(services, room, stateChanges)
  const completedTs = last ? services.now() : undefined
  await services.committer.submit(SETTLED_STATE, {
    lease,
    roomNid,
    stateChanges,
    memberships,
    joinedSince,
    completedTs,
  })
}

async function membershipsOf(
  { interner, events }: RoomServices,
  { head: { roomNid } }: OpenRoom,
  changes: readonly CurrentStateChange[],
): Promise<MembershipChange[]> {
  const memberType: TypeNid = await interner.typeNid('m.room.member')
  const ofMembers = changes.filter(({ typeNid }) => typeNid === memberType)
  const nids = ofMembers.flatMap(({ eventNid }) => eventNid ?? [])
  const [stored, keys] = await Promise.all([
    events.readOnce(nids.map((eventNid) => ({ roomNid, eventNid }))),
    interner.stateKeys(ofMembers.map(({ stateKeyNid }) => stateKeyNid)),
  ])
  const userIds = ofMembers.map(({ stateKeyNid }) => keys.get(stateKeyNid) ?? '')
  const userNids = await interner.userNids(userIds.filter(isUserId))
  return ofMembers.flatMap(({ eventNid }, index): MembershipChange[] => {
    const userNid = userNids.get(userIds[index]!)
    const found = eventNid === undefined ? undefined : stored.get(eventNid)
    if (userNid === undefined || (eventNid !== undefined && !found)) return []
    const membership = found ? membershipIn(found.event) : 'leave'
    return [{ userNid, membership, eventNid, senderNid: found?.senderNid ?? userNid }]
  })
}
