import { parseJson } from '../../../../protocol/json/parse.ts'
import { isJsonObject, type JsonObject } from '../../../../protocol/json/value.ts'
import { accountDataOfUsers } from '../../../../storage/accounts/account-data-of-users.ts'
import {
  ACCOUNT_DATA,
  NO_ROOM,
  type AccountDataWrite,
} from '../../../../storage/accounts/account-data-write.ts'
import type { RoomNid, UserNid } from '../../../../storage/numeric-ids.ts'
import { copyRoomPushRules } from '../../../accounts/push-rules.ts'
import type { RoomServices } from '../../room-services.ts'
import type { RoomMovedListener } from './room-moved.ts'

type SettingServices = Pick<RoomServices, 'queries' | 'committer' | 'interner'>

/**
 * Gives those who follow a room to its successor their settings for it: push rules, tags, and whom they talk with
 * there (client-server API, "Room Upgrades"). What they have set in the new room stays.
 */
export function copiesSettings(services: SettingServices): RoomMovedListener {
  return {
    usersFollowed: async ({ oldRoomId, newRoomId }, users) => {
      const rooms = await services.interner.findRooms([oldRoomId, newRoomId])
      const [from, to] = [rooms.get(oldRoomId), rooms.get(newRoomId)]
      if (from === undefined || to === undefined) return
      await copyRoomPushRules(services, users, oldRoomId, newRoomId)
      const writes = [
        ...(await tagsFor(services, users, from, to)),
        ...(await directChatsFor(services, users, oldRoomId, newRoomId)),
      ]
      await Promise.all(writes.map((write) => services.committer.submit(ACCOUNT_DATA, write)))
    },
  }
}

async function tagsFor(
  { queries }: SettingServices,
  users: readonly UserNid[],
  from: RoomNid,
  to: RoomNid,
): Promise<AccountDataWrite[]> {
  const [old, own] = await Promise.all(
    [from, to].map((roomNid) => accountDataOfUsers(queries, users, roomNid, 'm.tag')),
  )
  return [...old!].flatMap(([userNid, content]) =>
    own!.has(userNid) ? [] : [{ userNid, roomNid: to, type: 'm.tag', content }],
  )
}

async function directChatsFor(
  { queries }: SettingServices,
  users: readonly UserNid[],
  oldRoomId: string,
  newRoomId: string,
): Promise<AccountDataWrite[]> {
  const lists = await accountDataOfUsers(queries, users, NO_ROOM, 'm.direct')
  return [...lists].flatMap(([userNid, text]) => {
    const chats = parseJson(text)
    const changed = isJsonObject(chats) ? withSuccessor(chats, oldRoomId, newRoomId) : undefined
    if (changed === undefined) return []
    return [{ userNid, roomNid: NO_ROOM, type: 'm.direct', content: JSON.stringify(changed) }]
  })
}

/** An `m.direct` where the new room stands beside the old one; undefined where there is nothing to add. */
function withSuccessor(chats: JsonObject, oldRoomId: string, newRoomId: string): JsonObject | undefined {
  let changed = false
  const entries = Object.entries(chats).map(([userId, rooms]) => {
    if (!Array.isArray(rooms) || !rooms.includes(oldRoomId) || rooms.includes(newRoomId))
      return [userId, rooms]
    changed = true
    return [userId, [...rooms, newRoomId]]
  })
  return changed ? (Object.fromEntries(entries) as JsonObject) : undefined
}
