import { json } from '../../../homeserver/http/answer.ts'
import { declareRoutes, type Routes } from '../../../homeserver/http/endpoint.ts'
import { strippedStateOf } from '../../../homeserver/rooms/actions/stripped-state-of.ts'
import type { InboundContext } from '../inbound-context.ts'
import { wholeRoom } from '../resident-room.ts'
import { acceptMembershipEvent, readMembershipEvent, verifyMembershipEvent } from './read-membership-event.ts'
import { relayed } from './relayed.ts'
import { signedEndpoint } from '../signed-endpoint.ts'

/** `PUT /_matrix/federation/v1/send_knock/{roomId}/{eventId}`: a user asks to be let in. */
export function sendKnockRoutes(context: InboundContext): Routes {
  const routes = declareRoutes()
  routes.put(
    '/_matrix/federation/v1/send_knock/:roomId/:eventId',
    signedEndpoint(context.gate(), async (request, { origin }) => {
      const [roomId, eventId] = [request.param('roomId'), request.param('eventId')]
      const room = await wholeRoom(context, roomId, origin)
      const { version } = room.head
      const expected = { roomId, eventId, membership: 'knock', origin } as const
      const { pdu } = readMembershipEvent(await request.object(), version, expected)
      const event = await verifyMembershipEvent(context, pdu, version)
      await relayed(context, event, origin, () => acceptMembershipEvent(context, room, event))
      const shown = await strippedStateOf(room, event.sender)
      return json({
        knock_room_state: shown.filter(({ eventId: id }) => id !== event.eventId).map(({ pdu }) => pdu),
      })
    }),
  )
  return routes
}
