import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { ownValue, type JsonObject } from '../../../protocol/json/value.ts'
import { roomsOfUser } from '../../../storage/rooms/membership-reader.ts'
import type { Membership } from '../../../storage/schema/membership.ts'
import type { AccountListener } from '../../accounts/account-listener.ts'
import type { Actor } from './actor.ts'
import { leaveRoom } from './leave-room.ts'
import { isMemberField, memberProfile } from './member-profile.ts'
import type { RoomActions } from './room-actions.ts'
import { newestState } from './state-at.ts'
import { submitDraft } from './submit-draft.ts'

/** Rooms that one change is written to at once. */
const ROOMS_AT_ONCE = 20

/** What rooms do when an account changes: member events with the new profile; leaving with the account. */
export function roomsAccountListener(actions: RoomActions): AccountListener {
  return {
    profileChanged: async (user, field) => {
      if (!isMemberField(field)) return
      const profile = await memberProfile(actions.services.queries, user.userNid)
      await inRooms(actions, user, ['join'], (roomId) => announceProfile(actions, user, roomId, profile))
    },
    accountDeactivated: (user) =>
      inRooms(actions, user, ['join', 'invite', 'knock'], (roomId) =>
        leaveRoom(actions, user, { roomId, reason: undefined }),
      ),
  }
}

/** Does `work` in a user's rooms. One that refuses does not keep the others from hearing of it. */
async function inRooms(
  { services: { queries, interner } }: RoomActions,
  user: Actor,
  memberships: readonly Membership[],
  work: (roomId: string) => Promise<unknown>,
): Promise<void> {
  const nids = await roomsOfUser(queries, user.userNid, memberships)
  const roomIds = [...(await interner.roomIds(nids)).values()]
  for (let first = 0; first < roomIds.length; first += ROOMS_AT_ONCE) {
    const some = roomIds.slice(first, first + ROOMS_AT_ONCE)
    await Promise.all(
      some.map((roomId) =>
        work(roomId).catch((error: unknown) => {
          if (!(error instanceof MatrixError)) throw error
        }),
      ),
    )
  }
}

async function announceProfile(
  actions: RoomActions,
  user: Actor,
  roomId: string,
  profile: JsonObject,
): Promise<void> {
  const room = await actions.writer.open(roomId)
  const member =
    room && (await newestState(room, [['m.room.member', user.userId]]))('m.room.member', user.userId)
  if (!member || ownValue(member.content, 'membership') !== 'join') return
  const {
    displayname: _name,
    avatar_url: _avatar,
    reason: _reason,
    join_authorised_via_users_server: _authoriser,
    ...others
  } = member.content
  await submitDraft(actions, roomId, {
    type: 'm.room.member',
    stateKey: user.userId,
    sender: user.userId,
    content: { ...others, ...profile },
  })
}
