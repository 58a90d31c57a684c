import { creatorsOf } from '../../../protocol/auth-rules/creators.ts'
import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { isJsonObject, ownValue, type JsonObject } from '../../../protocol/json/value.ts'
import { createEventOf } from './create-event-of.ts'
import type { RoomActions } from './room-actions.ts'

/**
 * Tells whoever gives a level to a creator of a room where creators have none (room version 12, "Room creators")
 * that the request is wrong, whatever power its sender has.
 *
 * @throws MatrixError 400 M_BAD_JSON.
 */
export async function checkPowerLevels(
  { writer }: Pick<RoomActions, 'writer'>,
  roomId: string,
  content: JsonObject,
): Promise<void> {
  const room = await writer.open(roomId)
  if (!room?.head.version.privilegedCreators) return
  const create = await createEventOf(room)
  const users = ownValue(content, 'users')
  if (!create || !isJsonObject(users)) return
  if (creatorsOf(create).every((creator) => !Object.hasOwn(users, creator))) return
  throw new MatrixError(400, 'M_BAD_JSON', 'A creator of the room has no power level to set')
}
