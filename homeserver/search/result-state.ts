import { stateOfTypeInRooms } from '../../storage/directory/directory-reader.ts'
import type { StoredEvent } from '../../storage/events/stored-event.ts'
import type { RoomNid } from '../../storage/numeric-ids.ts'
import { currentState } from '../../storage/sync/state-places-reader.ts'
import type { UserRooms } from '../history/event-sight.ts'
import { whoWasMember } from '../sync/left-rooms.ts'
import type { SyncServices } from '../sync/sync-services.ts'

/** Members told of one room; who wants them all asks for the room's members. */
const MAX_MEMBERS = 500

/**
 * The state of rooms: the current one, and of rooms that the user has left that at their departure. What ended no stay,
 * as the ban of somebody who had gone, shows none.
 */
export async function stateOfResults(
  services: SyncServices,
  rooms: UserRooms,
  roomNids: readonly RoomNid[],
  withMembers: boolean,
): Promise<Map<RoomNid, StoredEvent[]>> {
  const { queries, interner, events, trie } = services
  const memberType = await interner.typeNid('m.room.member')
  const joined = roomNids.filter((roomNid) => rooms.get(roomNid)?.membership === 'join')
  const ends = roomNids.flatMap((roomNid) => {
    const room = rooms.get(roomNid)
    return room?.membership === 'join' || room?.eventNid === undefined
      ? []
      : [{ roomNid, eventNid: room.eventNid }]
  })
  const [ending, wasMember] = await Promise.all([
    events.byPlaces(ends),
    whoWasMember(
      services,
      ends.map(({ roomNid }) => ({ roomNid, room: rooms.get(roomNid)!, section: 'leave' as const })),
    ),
  ])
  const departures = [...ending.values()].filter(({ roomNid }) => wasMember.has(roomNid))
  const [current, members, former] = await Promise.all([
    currentState(queries, joined, memberType),
    withMembers ? stateOfTypeInRooms(queries, joined, memberType, MAX_MEMBERS) : [],
    Promise.all(
      departures.map(async ({ roomNid, stateAfter }) => {
        const entries = stateAfter === undefined ? [] : await trie.entries(roomNid, stateAfter)
        const others = entries.filter(({ typeNid }) => typeNid !== memberType)
        const own = withMembers ? entries.filter(({ typeNid }) => typeNid === memberType) : []
        return [...others, ...own.slice(0, MAX_MEMBERS)].map(({ eventNid }) => ({ roomNid, eventNid }))
      }),
    ),
  ])
  const stored = await events.byPlaces([...current, ...members, ...former.flat()])
  return Map.groupBy(stored.values(), ({ roomNid }) => roomNid)
}
