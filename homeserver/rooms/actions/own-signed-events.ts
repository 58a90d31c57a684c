import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import type { RoomEvent, SignedPdu } from '../../../protocol/events/room-event.ts'
import type { PolicyServer } from '../../../protocol/policy-servers/policy-server.ts'
import type { RequestIdentity } from '../room-intent.ts'
import type { RoomActions } from './room-actions.ts'

/** An event of ours with the signature of its room's policy server. @throws MatrixError when that refuses it. */
export async function recommended(
  { remote }: Pick<RoomActions, 'remote'>,
  event: RoomEvent,
  policy: PolicyServer,
): Promise<SignedPdu> {
  if (remote) return remote.recommend(event, policy)
  const sentence = 'The room has a policy server, and this server does not speak with other servers'
  throw new MatrixError(403, 'M_FORBIDDEN', sentence)
}

/**
 * Writes an event that we built and another server had to sign. It stands where it was built, so that what came to
 * the room meanwhile is beside it.
 *
 * @returns its id.
 * @throws MatrixError 403 when the room no longer allows it.
 */
export async function receiveOwn(
  { writer }: Pick<RoomActions, 'writer'>,
  event: SignedPdu,
  request?: RequestIdentity,
): Promise<string> {
  const { events } = await writer.submit(event.roomId, { kind: 'receive', events: [{ event }], request })
  if (events[0]?.verdict === 'accepted') return event.eventId
  throw new MatrixError(403, 'M_FORBIDDEN', 'The room changed meanwhile and no longer allows this')
}
