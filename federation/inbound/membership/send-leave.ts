import { nothing } from '../../../homeserver/http/answer.ts'
import { declareRoutes, endpoint, type Routes } from '../../../homeserver/http/endpoint.ts'
import type { InboundContext } from '../inbound-context.ts'
import { residentRoom } from '../resident-room.ts'
import { acceptMembershipEvent, readMembershipEvent, verifyMembershipEvent } from './read-membership-event.ts'
import { relayed } from './relayed.ts'

/** `PUT /_matrix/federation/v2/send_leave/{roomId}/{eventId}`: a user rejects an invite or takes a knock back. */
export function sendLeaveRoutes(context: InboundContext): Routes {
  const routes = declareRoutes()
  routes.put(
    '/_matrix/federation/v2/send_leave/:roomId/:eventId',
    endpoint(context.authenticate(), async (request, { origin }) => {
      const [roomId, eventId] = [request.param('roomId'), request.param('eventId')]
      const room = await residentRoom(context, roomId, origin)
      const { version } = room.head
      const expected = { roomId, eventId, membership: 'leave', origin } as const
      const { pdu } = readMembershipEvent(await request.object(), version, expected)
      const event = await verifyMembershipEvent(context, pdu, version)
      await relayed(context, event, origin, () => acceptMembershipEvent(context, room, event))
      return nothing()
    }),
  )
  return routes
}
