import { MatrixError } from '../../../../protocol/errors/matrix-error.ts'
import type { SignedPdu } from '../../../../protocol/events/room-event.ts'
import { ownValue, type JsonObject } from '../../../../protocol/json/value.ts'
import { roomVersion } from '../../../../protocol/room-versions/room-versions.ts'
import type { RoomVersionRules } from '../../../../protocol/room-versions/rules.ts'
import type { OpenRoom } from '../../open-room.ts'
import type { Actor } from '../actor.ts'
import { createEventOf } from '../create-event-of.ts'
import { buildCreateEvent, newRoomId } from '../create-room/build-create-event.ts'
import { checkOpening } from '../create-room/check-opening.ts'
import { createContent } from '../create-room/create-content.ts'
import { isJoined, residentRoom } from '../join-room.ts'
import type { RoomActions } from '../room-actions.ts'
import { notInRoom } from '../submit-draft.ts'
import { buildTombstone } from './build-tombstone.ts'
import { finishUpgrade, promiseToFinish } from './finish-upgrade.ts'
import { successorDrafts } from './successor-drafts.ts'

/** `POST /rooms/{roomId}/upgrade`. */
export interface UpgradeRequest {
  readonly roomId: string
  readonly version: string
  /** Further creators, in versions that have them. */
  readonly additionalCreators: readonly string[]
}

/**
 * Replaces a room by one of another version (client-server API, "Room Upgrades"). The new room stands as a whole
 * before the old one points to it, so that a failure on the way leaves the old one as it was. Who asks twice at the
 * same time gets one room.
 *
 * @returns the new room's id.
 * @throws MatrixError 400 M_UNSUPPORTED_ROOM_VERSION, M_INVALID_PARAM; 403 for who may not close the room; 429.
 */
export function upgradeRoom(actions: RoomActions, user: Actor, request: UpgradeRequest): Promise<string> {
  const key = JSON.stringify([user.userId, request])
  const known = actions.upgrades.get(key)
  if (known) return known
  const upgrade = replaceRoom(actions, user, request).finally(() => actions.upgrades.delete(key))
  actions.upgrades.set(key, upgrade)
  return upgrade
}

async function replaceRoom(actions: RoomActions, user: Actor, request: UpgradeRequest): Promise<string> {
  const { services, writer, limits } = actions
  const version = roomVersion(request.version)
  if (!version) {
    throw new MatrixError(400, 'M_UNSUPPORTED_ROOM_VERSION', 'This server does not know this room version')
  }
  const room = await residentRoom(actions, request.roomId)
  if (!room || !(await isJoined(actions, user, request.roomId))) throw notInRoom()
  limits.roomCreation.consumeFor(user)

  const { createEvent, tombstone } = await buildEnds(actions, user, room, version, request)
  const drafts = await successorDrafts(services, user, room, createEvent)
  checkOpening(createEvent, drafts, services.signer)
  const { roomId } = createEvent
  await writer.submit(roomId, { kind: 'create', version: version.id, createEvent, drafts })

  const move = { oldRoomId: request.roomId, newRoomId: roomId }
  await promiseToFinish(actions, user, move)
  const { events } = await writer.submit(request.roomId, { kind: 'receive', events: [{ event: tombstone }] })
  if (events[0]?.verdict !== 'accepted') {
    throw new MatrixError(
      403,
      'M_FORBIDDEN',
      'The room changed meanwhile and can no longer be upgraded by you',
    )
  }
  await finishUpgrade(actions, user, move)
  return roomId
}

/** The new room's first event and the old one's last: each names the other, as far as its room's version can. */
async function buildEnds(
  actions: RoomActions,
  user: Actor,
  room: OpenRoom,
  version: RoomVersionRules,
  request: UpgradeRequest,
): Promise<{ createEvent: SignedPdu; tombstone: SignedPdu }> {
  const { services } = actions
  const create = (predecessor: JsonObject, roomId?: string): Promise<SignedPdu> =>
    successorContent(room, user.userId, version, request, predecessor).then((content) =>
      buildCreateEvent(actions, version, user.userId, content, roomId),
    )
  const close = (replacement: string): Promise<SignedPdu> =>
    buildTombstone(services, room, user.userId, replacement)

  if (version.roomIdIsCreateHash) {
    const createEvent = await create({ room_id: request.roomId })
    return { createEvent, tombstone: await close(createEvent.roomId) }
  }
  const roomId = newRoomId(services.serverName)
  const tombstone = await close(roomId)
  return {
    createEvent: await create({ room_id: request.roomId, event_id: tombstone.eventId }, roomId),
    tombstone,
  }
}

async function successorContent(
  room: OpenRoom,
  userId: string,
  version: RoomVersionRules,
  request: UpgradeRequest,
  predecessor: JsonObject,
): Promise<JsonObject> {
  const old = (await createEventOf(room))?.content ?? {}
  const type = ownValue(old, 'type')
  const creationContent: JsonObject = {
    predecessor,
    ...(typeof type === 'string' ? { type } : {}),
    ...(ownValue(old, 'm.federate') === false ? { 'm.federate': false } : {}),
    ...(version.privilegedCreators ? { additional_creators: [...request.additionalCreators] } : {}),
  }
  const content = createContent(version, userId, { creationContent, preset: 'private_chat', invite: [] })
  const { additional_creators: additional, ...rest } = content
  return Array.isArray(additional) && additional.length > 0 ? content : rest
}
