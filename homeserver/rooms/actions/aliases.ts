import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { isRoomAlias } from '../../../protocol/identifiers/room-alias.ts'
import { serverOf } from '../../../protocol/identifiers/user-id.ts'
import { deleteAlias, findAlias, insertAlias } from '../../../storage/rooms/aliases.ts'
import type { Actor } from './actor.ts'
import { dropCanonicalAlias } from './drop-canonical-alias.ts'
import { isJoined } from './join-room.ts'
import { powerLevelsOf } from './power-levels-of.ts'
import type { RoomActions } from './room-actions.ts'

/** @throws MatrixError 400 M_INVALID_PARAM unless this is an alias of this server. */
export function requireOwnAlias({ services }: RoomActions, alias: string): void {
  if (isRoomAlias(alias) && serverOf(alias) === services.serverName) return
  throw new MatrixError(400, 'M_INVALID_PARAM', `An alias must be of the form #name:${services.serverName}`)
}

/**
 * Gives a room an alias.
 *
 * @throws MatrixError 400 M_INVALID_PARAM, M_EXCLUSIVE; 403 for those who are not in the room; 409 M_UNKNOWN where it is taken.
 */
export async function createAlias(
  actions: RoomActions,
  user: Actor,
  alias: string,
  roomId: string,
): Promise<void> {
  requireOwnAlias(actions, alias)
  actions.appServices.requireAlias(alias, user.appService)
  const { interner, queries, now } = actions.services
  const roomNid = await interner.findRoomNid(roomId)
  if (roomNid === undefined || !(await isJoined(actions, user, roomId))) {
    throw new MatrixError(403, 'M_FORBIDDEN', 'You are not in the room that the alias is to name')
  }
  const isNew = await insertAlias(queries, { alias, roomNid, creatorNid: user.userNid }, now())
  if (isNew) return actions.appServices.aliasesChanged(roomNid)
  throw new MatrixError(409, 'M_UNKNOWN', 'This alias names a room already')
}

/**
 * Takes an alias away: its maker may, who may change the room's canonical alias, and administrators.
 *
 * @throws MatrixError 404 M_NOT_FOUND, 403 M_FORBIDDEN, 400 M_EXCLUSIVE.
 */
export async function removeAlias(
  actions: RoomActions,
  user: Actor & { readonly admin: boolean },
  alias: string,
): Promise<void> {
  actions.appServices.requireAlias(alias, user.appService)
  const { interner, queries } = actions.services
  const stored = await findAlias(queries, alias)
  if (!stored) throw new MatrixError(404, 'M_NOT_FOUND', 'There is no such alias')
  const roomId = (await interner.roomIds([stored.roomNid])).get(stored.roomNid)
  const mayRemove =
    stored.creatorNid === user.userNid || user.admin || (await mayNameRoom(actions, user, roomId))
  if (!mayRemove) throw new MatrixError(403, 'M_FORBIDDEN', 'You may not take this alias away')
  await deleteAlias(queries, alias)
  actions.appServices.aliasesChanged(stored.roomNid)
  if (roomId !== undefined) await dropCanonicalAlias(actions, user, alias, roomId)
}

async function mayNameRoom(actions: RoomActions, user: Actor, roomId: string | undefined): Promise<boolean> {
  const room = roomId === undefined ? undefined : await actions.writer.open(roomId)
  if (!room || !(await isJoined(actions, user, room.head.roomId))) return false
  const levels = await powerLevelsOf(room)
  return levels.powerOf(user.userId) >= levels.levelFor('m.room.canonical_alias', true)
}
