import { json, nothing } from '../../../homeserver/http/answer.ts'
import { declareRoutes, type Routes } from '../../../homeserver/http/endpoint.ts'
import type { IncomingRequest } from '../../../homeserver/http/incoming-request.ts'
import type { VerifiedOrigin } from '../authenticate.ts'
import type { InboundContext } from '../inbound-context.ts'
import { residentRoom } from '../resident-room.ts'
import { acceptMembershipEvent, readMembershipEvent, verifyMembershipEvent } from './read-membership-event.ts'
import { relayed } from './relayed.ts'
import { signedEndpoint } from '../signed-endpoint.ts'

/**
 * `PUT /_matrix/federation/v2/send_leave/{roomId}/{eventId}`: a user rejects an invite or takes a knock back. Version
 * 1 of the endpoint answers with a pair of status and object.
 */
export function sendLeaveRoutes(context: InboundContext): Routes {
  const routes = declareRoutes()
  const gate = context.gate()
  const takeLeave = async (request: IncomingRequest, origin: VerifiedOrigin): Promise<void> => {
    const [roomId, eventId] = [request.param('roomId'), request.param('eventId')]
    const room = await residentRoom(context, roomId, origin)
    const { version } = room.head
    const expected = { roomId, eventId, membership: 'leave', origin } as const
    const { pdu } = readMembershipEvent(await request.object(), version, expected)
    const event = await verifyMembershipEvent(context, pdu, version)
    await relayed(context, event, origin, () => acceptMembershipEvent(context, room, event))
  }
  routes.put(
    '/_matrix/federation/v2/send_leave/:roomId/:eventId',
    signedEndpoint(gate, async (request, { origin }) => {
      await takeLeave(request, origin)
      return nothing()
    }),
  )
  routes.put(
    '/_matrix/federation/v1/send_leave/:roomId/:eventId',
    signedEndpoint(gate, async (request, { origin }) => {
      await takeLeave(request, origin)
      return json([200, {}])
    }),
  )
  return routes
}
