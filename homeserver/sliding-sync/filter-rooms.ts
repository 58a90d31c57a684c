import { ownValue } from '../../protocol/json/value.ts'
import type { RoomNid } from '../../storage/numeric-ids.ts'
import { currentStateOfTypes } from '../../storage/sliding-sync/state-by-type-reader.ts'
import type { UserRoom } from '../../storage/sync/user-rooms-reader.ts'
import { shownEvent } from '../history/event-text.ts'
import type { Viewer } from '../history/read-services.ts'
import { kindsForUser } from './kinds-for-user.ts'
import type { RoomKind } from './room-kinds.ts'
import type { RoomLabels } from './room-labels.ts'
import type { RoomFilter } from './sliding-request.ts'
import type { SlidingServices } from './sliding-services.ts'

/** What filters are judged by. */
interface FilterFacts {
  readonly roomIds: ReadonlyMap<RoomNid, string>
  readonly labels: RoomLabels
  readonly kinds: ReadonlyMap<RoomNid, RoomKind>
  /** Children of spaces that the user is joined to, by the space's id. */
  readonly children: ReadonlyMap<string, ReadonlySet<string>>
}

/**
 * The rooms of each list, in their order (MSC4186, `SlidingRoomFilter`). A few queries at most, whatever the number
 * of lists and rooms.
 */
export async function filterRooms(
  services: SlidingServices,
  viewer: Viewer,
  filters: readonly RoomFilter[],
  rooms: readonly UserRoom[],
): Promise<UserRoom[][]> {
  if (filters.length === 0) return []
  const needsKinds = filters.some(
    ({ isEncrypted, roomTypes, notRoomTypes, nameLike }) =>
      (isEncrypted ?? roomTypes ?? notRoomTypes ?? nameLike) !== undefined,
  )
  const spaces = new Set(filters.flatMap((filter) => filter.spaces ?? []))
  const [roomIds, labels, kinds] = await Promise.all([
    services.interner.roomIds(rooms.map(({ roomNid }) => roomNid)),
    services.labels.of(viewer.userNid),
    needsKinds ? kindsForUser(services, viewer, rooms) : new Map<RoomNid, RoomKind>(),
  ])
  const children = await childrenOf(services, spaces, rooms, roomIds)
  const facts = { roomIds, labels, kinds, children }
  return filters.map((filter) => rooms.filter((room) => isWanted(filter, room, facts)))
}

function isWanted(filter: RoomFilter, room: UserRoom, facts: FilterFacts): boolean {
  const { isDm, isInvited, spaces, tags, notTags } = filter
  const roomId = facts.roomIds.get(room.roomNid)
  if (roomId === undefined) return false
  if (isDm !== undefined && facts.labels.direct.has(roomId) !== isDm) return false
  if (isInvited !== undefined && (room.membership === 'invite') !== isInvited) return false
  if (spaces && !spaces.some((space) => facts.children.get(space)?.has(roomId))) return false
  const own = facts.labels.tags.get(room.roomNid)
  if (tags && !tags.some((tag) => own?.has(tag))) return false
  if (notTags?.some((tag) => own?.has(tag))) return false
  return isOfKind(filter, facts.kinds.get(room.roomNid))
}

/** A room of which too little is known is in no list that asks for it. */
function isOfKind(filter: RoomFilter, kind: RoomKind | undefined): boolean {
  const { isEncrypted, roomTypes, notRoomTypes, nameLike } = filter
  if (isEncrypted !== undefined && kind?.encrypted !== isEncrypted) return false
  const type = kind?.type
  if ((roomTypes ?? notRoomTypes) !== undefined && type === undefined) return false
  if (roomTypes && !roomTypes.includes(type!)) return false
  if (notRoomTypes?.includes(type!)) return false
  return nameLike === undefined || kind?.name?.includes(nameLike) === true
}

async function childrenOf(
  { queries, interner, events }: SlidingServices,
  spaces: ReadonlySet<string>,
  rooms: readonly UserRoom[],
  roomIds: ReadonlyMap<RoomNid, string>,
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const children = new Map<string, Set<string>>()
  if (spaces.size === 0) return children
  const joined = rooms.filter(
    ({ roomNid, membership }) => membership === 'join' && spaces.has(roomIds.get(roomNid) ?? ''),
  )
  const typeNid = await interner.typeNid('m.space.child')
  const places = await currentStateOfTypes(
    queries,
    joined.map(({ roomNid }) => ({ roomNid, typeNid })),
  )
  for (const stored of (await events.byPlaces(places)).values()) {
    // A child without servers to find it by is no child (client-server API, `m.space.child`).
    const { roomId, stateKey, content } = shownEvent(stored)
    if (stateKey === undefined || !Array.isArray(ownValue(content, 'via'))) continue
    children.set(roomId, (children.get(roomId) ?? new Set()).add(stateKey))
  }
  return children
}
