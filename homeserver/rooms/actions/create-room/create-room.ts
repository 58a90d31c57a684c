import { MatrixError } from '../../../../protocol/errors/matrix-error.ts'
import { isUserId, serverOf } from '../../../../protocol/identifiers/user-id.ts'
import { roomVersion } from '../../../../protocol/room-versions/room-versions.ts'
import type { RoomVersionRules } from '../../../../protocol/room-versions/rules.ts'
import { deleteAlias, insertAlias } from '../../../../storage/rooms/aliases.ts'
import type { EventDraft } from '../../event-draft.ts'
import type { Actor } from '../actor.ts'
import { requireOwnAlias } from '../aliases.ts'
import { checkInvitesWelcome, checkMayInvite } from '../check-invites-welcome.ts'
import { inviteDraft, inviteRemotely } from '../invite-user.ts'
import { memberProfile } from '../member-profile.ts'
import type { RoomActions } from '../room-actions.ts'
import { buildCreateEvent } from './build-create-event.ts'
import { checkOpening } from './check-opening.ts'
import { createContent } from './create-content.ts'
import { openingDrafts } from './opening-drafts.ts'
import type { RoomWish } from './room-wish.ts'

/**
 * Creates a room. Its events and the invites of local users are stored in one step; users of other servers are
 * invited then.
 *
 * @returns the room's id.
 * @throws MatrixError 400 M_UNSUPPORTED_ROOM_VERSION, M_INVALID_ROOM_STATE, M_ROOM_IN_USE, M_INVALID_PARAM,
 *   M_BAD_JSON; 403 M_INVITE_BLOCKED; 429.
 */
export async function createRoom(actions: RoomActions, creator: Actor, wish: RoomWish): Promise<string> {
  const { services, writer, config } = actions
  const version = roomVersion(wish.version ?? config.defaultRoomVersion)
  if (!version) {
    throw new MatrixError(400, 'M_UNSUPPORTED_ROOM_VERSION', 'This server does not know this room version')
  }
  if (wish.invite.some((userId) => !isUserId(userId))) {
    throw new MatrixError(400, 'M_INVALID_PARAM', '`invite` must be a list of user ids')
  }
  if (wish.invite.length > 0) checkMayInvite(actions, creator)
  actions.limits.roomCreation.consumeFor(creator)
  const alias =
    wish.aliasLocalpart === undefined ? undefined : `#${wish.aliasLocalpart}:${services.serverName}`
  if (alias !== undefined) {
    requireOwnAlias(actions, alias)
    actions.appServices.requireAlias(alias, creator.appService)
  }

  const createEvent = buildCreateEvent(
    actions,
    version,
    creator.userId,
    createContent(version, creator.userId, wish),
  )
  const invites = await inviteDrafts(actions, creator, wish)
  const isLocal = (draft: EventDraft) => serverOf(draft.stateKey!) === services.serverName
  const opening = {
    version,
    creator: creator.userId,
    profile: await memberProfile(services.queries, creator.userNid),
    alias,
    encryptByDefault: config.encryptByDefault,
  }
  const drafts = openingDrafts(opening, wish)
  checkOpening(createEvent, [...drafts, ...invites], services.signer)

  const { roomId } = createEvent
  if (alias !== undefined) await takeAlias(actions, creator, alias, roomId, version)
  try {
    await writer.submit(roomId, {
      kind: 'create',
      version: version.id,
      createEvent,
      drafts: [...drafts, ...invites.filter(isLocal)],
    })
  } catch (error) {
    if (alias !== undefined) await deleteAlias(services.queries, alias)
    throw error
  }
  await inviteOthers(
    actions,
    roomId,
    invites.filter((draft) => !isLocal(draft)),
  )
  return roomId
}

async function inviteDrafts(actions: RoomActions, creator: Actor, wish: RoomWish): Promise<EventDraft[]> {
  const drafts: EventDraft[] = []
  for (const userId of new Set(wish.invite)) {
    actions.limits.invitesPerIssuer.consumeFor(creator)
    actions.limits.invitesPerUser.consumeFor(creator, userId)
    if (serverOf(userId) === actions.services.serverName)
      await checkInvitesWelcome(actions, creator.userId, userId)
    drafts.push(await inviteDraft(actions, creator, userId, wish.isDirect ? { is_direct: true } : {}))
  }
  return drafts
}

async function takeAlias(
  { services }: RoomActions,
  creator: Actor,
  alias: string,
  roomId: string,
  version: RoomVersionRules,
): Promise<void> {
  const roomNid = await services.interner.roomNid(roomId, version.id)
  const stored = { alias, roomNid, creatorNid: creator.userNid }
  if (await insertAlias(services.queries, stored, services.now())) return
  throw new MatrixError(400, 'M_ROOM_IN_USE', 'Another room has this alias')
}

/** The room stands by now: an invite that another server refuses or cannot take leaves the rest as it is. */
async function inviteOthers(
  actions: RoomActions,
  roomId: string,
  drafts: readonly EventDraft[],
): Promise<void> {
  const room = drafts.length === 0 ? undefined : await actions.writer.open(roomId)
  if (!room) return
  for (const draft of drafts) {
    try {
      await inviteRemotely(actions, room, draft)
    } catch (error) {
      if (!(error instanceof MatrixError)) throw error
    }
  }
}
