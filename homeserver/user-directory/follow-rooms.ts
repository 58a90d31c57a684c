import { serverOf } from '../../protocol/identifiers/user-id.ts'
import { ownValue } from '../../protocol/json/value.ts'
import { historyVisibilityIn } from '../../protocol/visibility/history-visibility.ts'
import { roomsWithServer, stateOfRooms } from '../../storage/directory/directory-reader.ts'
import type { RoomNid, UserNid } from '../../storage/numeric-ids.ts'
import type { StreamPosition } from '../../storage/position/position.ts'
import { saveCursor } from '../../storage/position/stream-cursor.ts'
import { changedPlaces } from '../../storage/user-directory/changed-places.ts'
import { changeOpenRooms, joinedUsers, openRoomsAmong } from '../../storage/user-directory/open-rooms.ts'
import { refreshUsers, type DirectoryServices } from './refresh-users.ts'

/** Names the stored cursor. */
export const USER_DIRECTORY = 'user-directory'
/** Changes of one step, but for a room that is joined with all its members at once. */
const STEP_CHANGES = 1_000
/** Members who are looked at together when their room is opened or closed. */
const MEMBERS_AT_ONCE = 1_000

const MEMBER = 'm.room.member'
const OPENING_TYPES = ['m.room.join_rules', 'm.room.history_visibility']

/** Takes in what has changed of rooms and their members in a part of the stream. Returns how far it came. */
export async function followRooms(
  services: DirectoryServices,
  after: StreamPosition,
  until: StreamPosition,
): Promise<StreamPosition> {
  const { queries, interner } = services
  const types = await interner.typeNids([MEMBER, ...OPENING_TYPES])
  const range = { after, until, limit: STEP_CHANGES }
  const { changes, end } = await changedPlaces(queries, [...types.values()], range)
  const members = changes.filter(({ typeNid }) => typeNid === types.get(MEMBER))
  const userIds = await interner.stateKeys(members.map(({ stateKeyNid }) => stateKeyNid))
  const isLocal = (userId: string | undefined): boolean =>
    userId !== undefined && userId.includes(':') && serverOf(userId) === services.serverName
  const rooms = changes
    .filter(({ typeNid, stateKeyNid }) => typeNid !== types.get(MEMBER) || isLocal(userIds.get(stateKeyNid)))
    .map(({ roomNid }) => roomNid)
  const turned = await changeOpenings(services, [...new Set(rooms)])
  await refreshUsers(services, [...(await interner.findUserNids(userIds.values())).values()])
  for (const roomNid of turned) await refreshMembers(services, roomNid)
  await saveCursor(queries, USER_DIRECTORY, end)
  return end
}

async function refreshMembers(services: DirectoryServices, roomNid: RoomNid): Promise<void> {
  let after: UserNid | undefined
  do {
    const users = await joinedUsers(services.queries, roomNid, after, MEMBERS_AT_ONCE)
    await refreshUsers(services, users)
    after = users.length < MEMBERS_AT_ONCE ? undefined : users.at(-1)
  } while (after !== undefined)
}

/** Notes which of some rooms are open to all by now, and returns those that have changed in that. */
async function changeOpenings(services: DirectoryServices, roomNids: readonly RoomNid[]): Promise<RoomNid[]> {
  const { queries, interner, events, serverName } = services
  const [types, noKey, ownServer, known] = await Promise.all([
    interner.typeNids(OPENING_TYPES),
    interner.stateKeyNid(''),
    interner.serverNid(serverName),
    openRoomsAmong(queries, roomNids),
  ])
  const [places, resident] = await Promise.all([
    stateOfRooms(queries, roomNids, [...types.values()], noKey),
    roomsWithServer(queries, ownServer, roomNids, ['join']),
  ])
  const open = new Set<RoomNid>()
  for (const { roomNid, event } of (await events.byPlaces(places)).values()) {
    const opens =
      event.type === 'm.room.join_rules'
        ? ownValue(event.content, 'join_rule') === 'public'
        : historyVisibilityIn(event) === 'world_readable'
    if (opens && resident.has(roomNid)) open.add(roomNid)
  }
  const opened = [...open].filter((roomNid) => !known.has(roomNid))
  const closed = [...known].filter((roomNid) => !open.has(roomNid))
  await changeOpenRooms(queries, opened, closed)
  return [...opened, ...closed]
}
