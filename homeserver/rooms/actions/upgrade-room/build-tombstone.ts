import { authStateOf } from '../../../../protocol/auth-rules/auth-state.ts'
import { checkAuth } from '../../../../protocol/auth-rules/check-auth.ts'
import { MatrixError } from '../../../../protocol/errors/matrix-error.ts'
import { buildPdu } from '../../../../protocol/events/build-pdu.ts'
import type { SignedPdu } from '../../../../protocol/events/room-event.ts'
import { asClientError } from '../../as-client-error.ts'
import { placeEvent } from '../../build-event.ts'
import type { OpenRoom } from '../../open-room.ts'
import type { RoomServices } from '../../room-services.ts'

/**
 * The event that closes a room, not yet sent: the room after it may name it.
 *
 * @throws MatrixError 403 M_FORBIDDEN for who may not close the room.
 */
export async function buildTombstone(
  services: RoomServices,
  room: OpenRoom,
  sender: string,
  replacement: string,
): Promise<SignedPdu> {
  const { fields, authEvents, create } = await placeEvent(services, room, {
    type: 'm.room.tombstone',
    stateKey: '',
    sender,
    content: { body: 'This room has been replaced', replacement_room: replacement },
  })
  const event = asClientError(() => buildPdu(fields, room.head.version, services.signer))
  const auth = checkAuth(event, authStateOf(authEvents, create))
  if (auth.allowed) return event
  throw new MatrixError(403, 'M_FORBIDDEN', auth.reason)
}
