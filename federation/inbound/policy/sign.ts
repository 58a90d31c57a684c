import { json } from '../../../homeserver/http/answer.ts'
import { declareRoutes, type Routes } from '../../../homeserver/http/endpoint.ts'
import type { OpenRoom } from '../../../homeserver/rooms/open-room.ts'
import { roomPolicyServer } from '../../../homeserver/rooms/policy/policy-of-room.ts'
import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { contentHashMatches } from '../../../protocol/events/content-hash.ts'
import { parsePdu } from '../../../protocol/events/parse-pdu.ts'
import { PduError } from '../../../protocol/events/pdu-error.ts'
import type { RoomEvent } from '../../../protocol/events/room-event.ts'
import { ownValue, type JsonObject } from '../../../protocol/json/value.ts'
import { isSubjectToPolicy, POLICY_KEY_ID } from '../../../protocol/policy-servers/policy-server.ts'
import type { OwnPolicy } from '../../policy/own-policy.ts'
import type { InboundContext } from '../inbound-context.ts'
import { sharedRoom } from '../resident-room.ts'
import { signedEndpoint } from '../signed-endpoint.ts'

/**
 * `POST /_matrix/policy/v1/sign`: this server, as the policy server of a room, recommends an event or does not. The
 * signature is by a key that signs nothing else.
 */
export function policySignRoutes(context: InboundContext, policy: OwnPolicy): Routes {
  const { rooms } = context
  const routes = declareRoutes()
  routes.post(
    '/_matrix/policy/v1/sign',
    signedEndpoint(context.gate(), async (request, { origin }) => {
      const pdu = await request.object()
      const roomId = ownValue(pdu, 'room_id')
      if (typeof roomId !== 'string') throw badEvent('The event has no room_id')
      const room = await sharedRoom(context, roomId, origin)
      await requireOurs(context, room, policy)
      const event = readEvent(pdu, room)
      const refusal = policy.refusal(event)
      if (refusal !== undefined) throw new MatrixError(400, 'M_FORBIDDEN', refusal)
      return json({ [rooms.serverName]: { [POLICY_KEY_ID]: policy.sign(event) } })
    }),
  )
  return routes
}

/** @throws MatrixError 404 M_NOT_FOUND where the room has another policy server, or none. */
async function requireOurs({ rooms }: InboundContext, room: OpenRoom, { publicKeyBase64 }: OwnPolicy) {
  const named = await roomPolicyServer(rooms, room)
  if (named?.serverName === rooms.serverName && named.publicKeyBase64 === publicKeyBase64) return
  throw new MatrixError(404, 'M_NOT_FOUND', 'This server is not the policy server of the room')
}

/** What is judged is the content that the signature will cover, so its hash has to be right. */
function readEvent(pdu: JsonObject, { head: { roomId, version } }: OpenRoom): RoomEvent {
  try {
    const event = parsePdu(pdu, version)
    if (event.roomId !== roomId) throw badEvent('The event is of another room')
    if (!contentHashMatches(pdu, version)) throw badEvent('The content hash of the event is wrong')
    if (!isSubjectToPolicy(event)) throw badEvent('Nobody asks the policy server about this event')
    return event
  } catch (error) {
    if (!(error instanceof PduError)) throw error
    throw badEvent(error.message)
  }
}

function badEvent(sentence: string): MatrixError {
  return new MatrixError(400, 'M_BAD_JSON', sentence)
}
