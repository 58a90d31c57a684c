import { sha256 } from '../../protocol/crypto/sha256.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { findAccount } from '../../storage/accounts/account-reader.ts'
import type { DelayedEvent } from '../../storage/delayed-events/delayed-event.ts'
import { findClientTransaction } from '../../storage/rooms/client-transactions.ts'
import { deviceScope } from '../accounts/device-scope.ts'
import { refuseLocked } from '../accounts/refuse-locked.ts'
import type { DeviceActor } from '../rooms/actions/actor.ts'
import type { RoomActions } from '../rooms/actions/room-actions.ts'
import { sendMessage } from '../rooms/actions/send-message.ts'
import { setState } from '../rooms/actions/set-state.ts'
import type { RequestIdentity } from '../rooms/room-intent.ts'
import { readDraft } from './delayed-draft.ts'

/**
 * Sends a delayed event as its user would send it now: power levels, rate limits and the state of the account count
 * as they are. What a dead process has sent and not noted is not sent again.
 *
 * @returns the event's id.
 * @throws MatrixError as `sendMessage` and `setState`.
 */
export async function sendDelayedEvent(rooms: RoomActions, event: DelayedEvent): Promise<string> {
  const sender = await senderOf(rooms, event)
  const { delayId, roomId } = event
  const { type, stateKey, content } = readDraft(event.draft)
  if (stateKey === undefined)
    return sendMessage(rooms, sender, { roomId, type, txnId: delayId, content, delayId })
  const request: RequestIdentity = {
    userNid: sender.userNid,
    deviceId: deviceScope(sender.deviceId),
    requestHash: Buffer.from(sha256(JSON.stringify(['delayed-state', delayId]))).toString('hex'),
    delayId,
  }
  const before = await findClientTransaction(rooms.services.queries, request)
  return before ?? setState(rooms, sender, { roomId, type, stateKey, content, request })
}

async function senderOf(rooms: RoomActions, { userId, deviceId }: DelayedEvent): Promise<DeviceActor> {
  const account = await findAccount(rooms.services.queries, userId)
  if (!account || account.deactivated) throw new MatrixError(403, 'M_FORBIDDEN', 'The account is closed')
  refuseLocked(account)
  if (account.suspended) {
    throw new MatrixError(403, 'M_USER_SUSPENDED', 'An administrator has suspended this account')
  }
  const { userNid, guest, admin, suspended } = account
  return { userNid, userId, guest, admin, suspended, deviceId }
}
