import { isJsonObject, ownValue } from '../../protocol/json/value.ts'
import { stateOfRooms } from '../../storage/directory/directory-reader.ts'
import type { RoomNid } from '../../storage/numeric-ids.ts'
import type { SearchedRoom } from '../../storage/search/event-search-reader.ts'
import { forgottenRooms, type UserRoom } from '../../storage/sync/user-rooms-reader.ts'
import type { RoomEventFilter } from '../filters/filter.ts'
import type { Viewer } from '../history/read-services.ts'
import type { SyncServices } from '../sync/sync-services.ts'

/** How many upgrades a search looks back through. */
const MAX_PREDECESSORS = 10

/**
 * The rooms that a search goes through: those that the user is or was in, up to where they left, but not forgotten
 * ones; of these what the filter asks for, and the rooms that it asks for replaced when they were upgraded. A few
 * queries whatever the number of rooms.
 */
export async function searchedRooms(
  services: SyncServices,
  viewer: Viewer,
  filter: RoomEventFilter,
): Promise<SearchedRoom[]> {
  const { queries, interner, events, views } = services
  const [{ rooms }, forgotten, unwanted] = await Promise.all([
    views.of(viewer.userNid),
    forgottenRooms(queries, viewer.userNid),
    interner.findRooms(filter.notRooms ?? []),
  ])
  const own = Array.from(rooms.values()).filter(
    (room) => isReadable(room) && (room.membership === 'join' || !forgotten.has(room.roomNid)),
  )
  const wanted = filter.rooms && (await withPredecessors(services, filter.rooms))
  const excluded = new Set(unwanted.values())
  const searched = own.filter(({ roomNid }) => !excluded.has(roomNid) && (!wanted || wanted.has(roomNid)))
  const left = searched.flatMap(({ roomNid, eventNid, membership }) =>
    membership === 'join' || eventNid === undefined ? [] : [{ roomNid, eventNid }],
  )
  const departures = await events.byPlaces(left)
  return searched.flatMap(({ roomNid, eventNid, membership }): SearchedRoom[] => {
    if (membership === 'join') return [{ roomNid, until: undefined }]
    const until = eventNid === undefined ? undefined : departures.get(eventNid)?.historyPos
    return until === undefined ? [] : [{ roomNid, until }]
  })
}

function isReadable({ membership, outside }: UserRoom): boolean {
  return !outside && (membership === 'join' || membership === 'leave' || membership === 'ban')
}

async function withPredecessors(services: SyncServices, roomIds: readonly string[]): Promise<Set<RoomNid>> {
  const { queries, interner, events } = services
  const [typeNid, noKey] = await Promise.all([interner.typeNid('m.room.create'), interner.stateKeyNid('')])
  const found = new Set((await interner.findRooms(roomIds)).values())
  let newest: readonly RoomNid[] = [...found]
  for (let step = 0; step < MAX_PREDECESSORS && newest.length > 0; step++) {
    const creations = await events.byPlaces(await stateOfRooms(queries, newest, [typeNid], noKey))
    const older = Array.from(creations.values()).flatMap(({ event }) => {
      const predecessor = ownValue(event.content, 'predecessor')
      const roomId = isJsonObject(predecessor) ? ownValue(predecessor, 'room_id') : undefined
      return typeof roomId === 'string' ? [roomId] : []
    })
    newest = [...(await interner.findRooms(older)).values()].filter((roomNid) => !found.has(roomNid))
    for (const roomNid of newest) found.add(roomNid)
  }
  return found
}
