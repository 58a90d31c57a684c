import type { EphemeralBus } from '../../ephemeral/ephemeral-bus.ts'
import { requireJoined } from '../reading/room-sight.ts'
import type { Actor } from './actor.ts'
import type { RoomActions } from './room-actions.ts'

/** Says that a user is typing for `timeoutMs`, or has stopped. @throws MatrixError 403 for those not in the room. */
export async function setTyping(
  { services }: RoomActions,
  bus: EphemeralBus,
  user: Actor,
  roomId: string,
  timeoutMs: number | undefined,
): Promise<void> {
  await requireJoined(services, user, roomId)
  bus.setTyping(roomId, user.userId, timeoutMs)
}
