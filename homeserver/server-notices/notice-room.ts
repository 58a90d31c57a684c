import { isJsonObject, ownValue } from '../../protocol/json/value.ts'
import { parseJson } from '../../protocol/json/parse.ts'
import { findAccountData } from '../../storage/accounts/account-data-reader.ts'
import { ACCOUNT_DATA } from '../../storage/accounts/account-data-write.ts'
import type { RoomNid } from '../../storage/numeric-ids.ts'
import { findMembership } from '../../storage/rooms/membership-reader.ts'
import { noticeRoomOf, setNoticeRoom } from '../../storage/server-notices/notice-rooms.ts'
import type { ServerNoticesConfig } from '../config/sections/server-notices.ts'
import type { Actor } from '../rooms/actions/actor.ts'
import { createRoom } from '../rooms/actions/create-room/create-room.ts'
import { inviteDraft } from '../rooms/actions/invite-user.ts'
import { joinRoom } from '../rooms/actions/join-room.ts'
import type { RoomActions } from '../rooms/actions/room-actions.ts'
import { submitDraft } from '../rooms/actions/submit-draft.ts'

/** Below the level of messages, so that nobody but the server speaks there. */
const READER_LEVEL = -10
const TAG = 'm.server_notice'

/**
 * The one room in which a user gets notices (client-server API, "Server Notices"), made when there is none, with the
 * user invited to it or, as configured, joined.
 */
export async function openNoticeRoom(
  actions: RoomActions,
  config: ServerNoticesConfig,
  sender: Actor,
  target: Actor,
): Promise<string> {
  const { interner, queries } = actions.services
  const known = await noticeRoomOf(queries, target.userNid)
  const inIt = known === undefined ? undefined : await findMembership(queries, sender.userNid, known)
  const roomId =
    known !== undefined && inIt?.membership === 'join'
      ? (await interner.roomIds([known])).get(known)!
      : await createRoom(actions, sender, wishOf(config))
  const roomNid = (await interner.findRoomNid(roomId))!
  if (roomNid !== known) await setNoticeRoom(queries, target.userNid, roomNid)
  const member = await findMembership(queries, target.userNid, roomNid)
  if (member?.membership !== 'join' && member?.membership !== 'invite') {
    await tagRoom(actions, target, roomNid)
    await submitDraft(actions, roomId, await inviteDraft(actions, sender, target.userId, {}))
  }
  if (config.autoJoin && member?.membership !== 'join') {
    await joinRoom(actions, target, { roomId, servers: [], content: {} })
  }
  return roomId
}

function wishOf({ roomName, roomTopic, roomAvatarUrl }: ServerNoticesConfig) {
  const avatar = { type: 'm.room.avatar', stateKey: '', content: { url: roomAvatarUrl ?? '' } }
  return {
    version: undefined,
    preset: 'private_chat',
    creationContent: {},
    powerLevelOverride: { users_default: READER_LEVEL },
    initialState: roomAvatarUrl === undefined ? [] : [avatar],
    aliasLocalpart: undefined,
    name: roomName,
    topic: roomTopic,
    invite: [],
    isDirect: false,
  } as const
}

/** By the tag clients know the room; the user's other tags of it stay. */
async function tagRoom({ services }: RoomActions, { userNid }: Actor, roomNid: RoomNid): Promise<void> {
  const text = await findAccountData(services.queries, userNid, roomNid, 'm.tag')
  const stored = text === undefined ? {} : parseJson(text)
  const content = isJsonObject(stored) ? stored : {}
  const tags = ownValue(content, 'tags')
  const tagged = { ...content, tags: { ...(isJsonObject(tags) ? tags : {}), [TAG]: {} } }
  await services.committer.submit(ACCOUNT_DATA, {
    userNid,
    roomNid,
    type: 'm.tag',
    content: JSON.stringify(tagged),
  })
}
