import { LRUCache } from 'lru-cache'
import { serverOf } from '../../../../protocol/identifiers/user-id.ts'
import { isJsonObject, ownValue, type JsonObject } from '../../../../protocol/json/value.ts'
import { eventWriteOf, type EventWrite } from '../../../../storage/events/event-write.ts'
import type { RoomNid, UserNid } from '../../../../storage/numeric-ids.ts'
import { currentStateAt } from '../../../../storage/rooms/current-state-reader.ts'
import { joinedUsersOfServer } from '../../../../storage/rooms/membership-reader.ts'
import type { RoomActions } from '../room-actions.ts'

/** About 100 bytes each; what room a room came after never changes. */
const MAX_ROOMS = 50_000
/** Local members of a new room whose settings are copied when the old room is closed after they came. */
const MAX_USERS = 10_000

/**
 * Tells `actions.moved` of local users who are in a room and in the one that it replaces, whoever upgraded it and
 * wherever: when they join, and when the old room is closed. A room that only claims to be the successor of another
 * is none: the old room has to say so too.
 */
export function watchMoves(actions: RoomActions, onError: (error: unknown) => void): void {
  const predecessors = new LRUCache<RoomNid, string | 'none'>({
    maxSize: MAX_ROOMS,
    sizeCalculation: () => 1,
  })
  let last = Promise.resolve()
  const later = (work: () => Promise<void>): void => {
    last = last.then(work).catch(onError)
  }
  const follow = async (oldRoomId: string, newRoomId: string, users: readonly UserNid[]): Promise<void> => {
    if (users.length === 0) return
    for (const listener of actions.moved) await listener.usersFollowed?.({ oldRoomId, newRoomId }, users)
  }
  const predecessorOf = async (roomNid: RoomNid): Promise<string | undefined> => {
    let roomId = predecessors.get(roomNid)
    if (roomId === undefined) {
      const predecessor = ownValue((await contentOf(actions, roomNid, 'm.room.create')) ?? {}, 'predecessor')
      const named = isJsonObject(predecessor) ? ownValue(predecessor, 'room_id') : undefined
      roomId = typeof named === 'string' ? named : 'none'
      predecessors.set(roomNid, roomId)
    }
    return roomId === 'none' ? undefined : roomId
  }
  const joined = async ({ roomNid, row }: EventWrite, userId: string): Promise<void> => {
    const { interner } = actions.services
    const oldRoomId = await predecessorOf(roomNid)
    const oldNid = oldRoomId === undefined ? undefined : await interner.findRoomNid(oldRoomId)
    const userNid = await interner.findUserNid(userId)
    if (oldRoomId === undefined || oldNid === undefined || userNid === undefined) return
    const tombstone = await contentOf(actions, oldNid, 'm.room.tombstone')
    if (!tombstone || ownValue(tombstone, 'replacement_room') !== row.event.roomId) return
    await follow(oldRoomId, row.event.roomId, [userNid])
  }
  const closed = async (oldRoomId: string, newRoomId: string): Promise<void> => {
    const { interner, queries, serverName } = actions.services
    const newNid = await interner.findRoomNid(newRoomId)
    if (newNid === undefined || (await predecessorOf(newNid)) !== oldRoomId) return
    const serverNid = await interner.serverNid(serverName)
    await follow(oldRoomId, newRoomId, await joinedUsersOfServer(queries, newNid, serverNid, MAX_USERS))
  }
  actions.services.committer.onCommit((writes) => {
    for (const committed of writes) {
      const write = eventWriteOf(committed)
      const event = write?.row.event
      if (!write || event?.stateKey === undefined || write.stateChanges.length === 0) continue
      if (event.type === 'm.room.tombstone' && event.stateKey === '') {
        const replacement = ownValue(event.content, 'replacement_room')
        if (typeof replacement === 'string') later(() => closed(event.roomId, replacement))
      }
      if (event.type !== 'm.room.member' || serverOf(event.stateKey) !== actions.services.serverName) continue
      if (ownValue(event.content, 'membership') === 'join') later(() => joined(write, event.stateKey!))
    }
  })
}

/** The content of a room's current state at a type, with the empty state key. */
async function contentOf(
  { services }: RoomActions,
  roomNid: RoomNid,
  type: string,
): Promise<JsonObject | undefined> {
  const { interner, queries, events } = services
  const [typeNid, stateKeyNid] = await Promise.all([interner.typeNid(type), interner.stateKeyNid('')])
  const eventNid = await currentStateAt(queries, roomNid, typeNid, stateKeyNid)
  if (eventNid === undefined) return undefined
  return (await events.byPlaces([{ roomNid, eventNid }])).get(eventNid)?.event.content
}
