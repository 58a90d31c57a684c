import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { RoomEvent, SignedPdu } from '../../protocol/events/room-event.ts'
import { serverOf } from '../../protocol/identifiers/user-id.ts'
import { FederationRequestError } from '../client/transport/federation-request-error.ts'
import type { RemoteRoomDependencies } from './remote-room-dependencies.ts'
import { UnusableAnswerError } from './try-servers.ts'
import { withSignatureOf } from './with-signature-of.ts'

const FORBIDDEN = 403
const VERSION_ERRORS: ReadonlySet<string | undefined> = new Set([
  'M_INCOMPATIBLE_ROOM_VERSION',
  'M_UNSUPPORTED_ROOM_VERSION',
])

/**
 * Has the invited user's server sign an invite (server-server API, "Inviting to a room").
 *
 * @param strippedState sent as full PDUs, which servers of all room versions read.
 * @throws MatrixError in our own words.
 */
export async function inviteUser(
  { client, keyRing, log }: RemoteRoomDependencies,
  event: RoomEvent,
  strippedState: readonly RoomEvent[],
): Promise<SignedPdu> {
  const server = serverOf(event.stateKey ?? '')
  try {
    const answered = await client.sendInvite(server, {
      roomId: event.roomId,
      eventId: event.eventId,
      pdu: event.pdu,
      roomVersion: event.version.id,
      inviteRoomState: strippedState.map(({ pdu }) => pdu),
    })
    return await withSignatureOf(server, event, answered, keyRing)
  } catch (error) {
    if (!(error instanceof FederationRequestError) && !(error instanceof UnusableAnswerError)) throw error
    log.info({ server, reason: error.message }, 'could not invite a user of this server')
    throw inOurWords(server, error)
  }
}

function inOurWords(server: string, error: FederationRequestError | UnusableAnswerError): MatrixError {
  if (error instanceof FederationRequestError && error.kind === 'refused') {
    if (error.errcode === 'M_INVITE_BLOCKED') {
      return new MatrixError(403, 'M_INVITE_BLOCKED', 'The user does not want to be invited.')
    }
    if (error.status === FORBIDDEN) {
      return new MatrixError(403, 'M_FORBIDDEN', `${server} does not accept the invite.`)
    }
    if (VERSION_ERRORS.has(error.errcode)) {
      const sentence = `${server} does not support the version of the room.`
      return new MatrixError(400, 'M_UNSUPPORTED_ROOM_VERSION', sentence)
    }
  }
  return new MatrixError(502, 'M_UNKNOWN', `${server} could not be reached or did not take the invite.`)
}
