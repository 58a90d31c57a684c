import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { parseJson } from '../../../protocol/json/parse.ts'
import { isJsonObject, ownValue } from '../../../protocol/json/value.ts'
import { findAccountData } from '../../../storage/accounts/account-data-reader.ts'
import { NO_ROOM } from '../../../storage/accounts/account-data-write.ts'
import type { RoomActions } from './room-actions.ts'

const SETTING = 'm.invite_permission_config'

/**
 * @throws MatrixError 403 M_INVITE_BLOCKED where a local user takes no invites (client-server API, "Invite
 *   permission").
 */
export async function checkInvitesWelcome(
  { services: { interner, queries } }: RoomActions,
  userId: string,
): Promise<void> {
  const userNid = await interner.findUserNid(userId)
  if (userNid === undefined) return
  const text = await findAccountData(queries, userNid, NO_ROOM, SETTING)
  const setting = text === undefined ? undefined : parseJson(text)
  if (!isJsonObject(setting) || ownValue(setting, 'default_action') !== 'block') return
  throw new MatrixError(403, 'M_INVITE_BLOCKED', 'This user takes no invites')
}
