import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { isRoomAlias } from '../../../protocol/identifiers/room-alias.ts'
import { isRoomId } from '../../../protocol/identifiers/room-id.ts'
import { serverOf } from '../../../protocol/identifiers/user-id.ts'
import { findAlias } from '../../../storage/rooms/aliases.ts'
import type { RoomActions } from './room-actions.ts'
import { serversOfRoom } from '../partial-state/servers-of-room.ts'

/** Servers that an alias answer names: enough to find one that is up. */
const MAX_ALIAS_SERVERS = 50

/** A room and servers that are in it or may be. */
export interface FoundRoom {
  readonly roomId: string
  readonly servers: readonly string[]
}

/**
 * The room that an alias names; another server's alias is asked for there. An alias of a bridge may name a room that the
 * bridge makes when it is asked.
 *
 * @throws MatrixError 408 M_UNKNOWN when the bridge does not answer.
 */
export async function findRoomByAlias(actions: RoomActions, alias: string): Promise<FoundRoom | undefined> {
  const { services, remote } = actions
  if (serverOf(alias) !== services.serverName) return remote?.resolveAlias(alias)
  const known = await findAlias(services.queries, alias)
  const isMade = known === undefined && (await actions.appServices.queries.hasAlias(alias))
  const stored = isMade ? await findAlias(services.queries, alias) : known
  const roomId = stored && (await services.interner.roomIds([stored.roomNid])).get(stored.roomNid)
  if (!stored || roomId === undefined) return undefined
  const others = await serversOfRoom(services, stored.roomNid, MAX_ALIAS_SERVERS)
  const servers = [services.serverName, ...others.filter((name) => name !== services.serverName)]
  return { roomId, servers }
}

/**
 * The room that a client names by id or alias.
 *
 * @throws MatrixError 400 M_INVALID_PARAM for what is neither, 404 M_NOT_FOUND for an alias that names nothing.
 */
export async function findRoom(actions: RoomActions, idOrAlias: string): Promise<FoundRoom> {
  if (isRoomId(idOrAlias)) return { roomId: idOrAlias, servers: [] }
  if (!isRoomAlias(idOrAlias)) {
    throw new MatrixError(400, 'M_INVALID_PARAM', 'This is neither a room id nor a room alias')
  }
  const found = await findRoomByAlias(actions, idOrAlias)
  if (!found) throw new MatrixError(404, 'M_NOT_FOUND', 'No room has this alias')
  return found
}
