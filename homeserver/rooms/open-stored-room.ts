import { roomVersion } from '../../protocol/room-versions/room-versions.ts'
import type { RoomVersionRules } from '../../protocol/room-versions/rules.ts'
import type { RoomNid } from '../../storage/numeric-ids.ts'
import { readRoomHead, takeRoomLease, type StoredHead } from '../../storage/rooms/room-head-reader.ts'
import { followedEventIds } from '../../storage/rooms/followed-events.ts'
import { EMPTY_ROOT } from '../../storage/state-trie/state-root.ts'
import { MAX_FOLLOWED, OpenRoom } from './open-room.ts'
import { resolveRoots } from './resolve-roots.ts'
import type { RoomServices } from './room-services.ts'

const NEVER_WRITTEN: StoredHead = {
  extremities: [],
  historyPos: 0,
  unreadOrdinal: 0,
  pendingRedactions: new Map(),
}

/** Opens a room that is stored here for writing; undefined when this server has never been in it. */
export async function openRoom(services: RoomServices, roomId: string): Promise<OpenRoom | undefined> {
  const roomNid = await services.interner.findRoomNid(roomId)
  if (roomNid === undefined) return undefined
  const versionId = await services.interner.roomVersionOf(roomNid)
  const version = versionId === undefined ? undefined : roomVersion(versionId)
  if (!version) return undefined
  const token = await takeRoomLease(services.queries, roomNid)
  const stored = await readRoomHead(services.queries, roomNid)
  if (stored.extremities.length === 0) return undefined
  const followed = await followedEventIds(services.queries, roomNid, MAX_FOLLOWED)
  const room = roomAt(services, roomId, roomNid, version, token, stored, followed)
  const { root } = await resolveRoots(
    services,
    room,
    stored.extremities.map((extremity) => extremity.stateAfter),
  )
  room.advance({ ...room.head, root }, undefined)
  return room
}

/** Opens a room that has no event here yet. */
export async function openEmptyRoom(
  services: RoomServices,
  roomId: string,
  version: RoomVersionRules,
): Promise<OpenRoom> {
  const roomNid = await services.interner.roomNid(roomId, version.id)
  const token = await takeRoomLease(services.queries, roomNid)
  return roomAt(services, roomId, roomNid, version, token, NEVER_WRITTEN, [])
}

function roomAt(
  services: RoomServices,
  roomId: string,
  roomNid: RoomNid,
  version: RoomVersionRules,
  token: number,
  stored: StoredHead,
  followed: readonly string[],
): OpenRoom {
  const { extremities, historyPos, unreadOrdinal, pendingRedactions } = stored
  const lease = { roomNid, token, broken: false }
  const head = { roomNid, roomId, version, lease, extremities, root: EMPTY_ROOT, historyPos, unreadOrdinal }
  return new OpenRoom(services, head, pendingRedactions, followed)
}
