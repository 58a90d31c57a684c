import { jsonText } from '../../../homeserver/http/answer.ts'
import { declareRoutes, type Routes } from '../../../homeserver/http/endpoint.ts'
import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { isJsonObject, ownValue, type JsonObject, type JsonValue } from '../../../protocol/json/value.ts'
import { roomVersion } from '../../../protocol/room-versions/room-versions.ts'
import type { RoomVersionRules } from '../../../protocol/room-versions/rules.ts'
import type { InboundContext } from '../inbound-context.ts'
import { acceptInvite } from './accept-invite.ts'
import { signedEndpoint } from '../signed-endpoint.ts'

/** An event, and full events of the room beside it. */
const MAX_INVITE_BYTES = 4 * 1024 * 1024

/**
 * `PUT /_matrix/federation/v2/invite/{roomId}/{eventId}`: another server invites one of our users. Version 1 of the
 * endpoint is for rooms of versions 1 and 2, which agree in all that matters to an invite.
 */
export function inviteRoutes(context: InboundContext): Routes {
  const routes = declareRoutes()
  const gate = context.gate(MAX_INVITE_BYTES)
  routes.put(
    '/_matrix/federation/v2/invite/:roomId/:eventId',
    signedEndpoint(gate, async (request, { origin }) => {
      const body = await request.object({ maxBytes: MAX_INVITE_BYTES })
      const pdu = ownValue(body, 'event')
      if (!isJsonObject(pdu)) throw new MatrixError(400, 'M_BAD_JSON', '`event` must be an event')
      const event = await acceptInvite(context, origin, {
        roomId: request.param('roomId'),
        eventId: request.param('eventId'),
        pdu,
        version: namedVersion(ownValue(body, 'room_version')),
        roomState: ownValue(body, 'invite_room_state'),
      })
      return jsonText(JSON.stringify({ event }))
    }),
  )
  routes.put(
    '/_matrix/federation/v1/invite/:roomId/:eventId',
    signedEndpoint(gate, async (request, { origin }) => {
      const pdu = await request.object({ maxBytes: MAX_INVITE_BYTES })
      const event = await acceptInvite(context, origin, {
        roomId: request.param('roomId'),
        eventId: request.param('eventId'),
        pdu,
        version: namedVersion('1'),
        roomState: unsignedState(pdu),
      })
      return jsonText(JSON.stringify([200, { event }]))
    }),
  )
  return routes
}

function namedVersion(named: JsonValue | undefined): RoomVersionRules {
  if (typeof named !== 'string') throw new MatrixError(400, 'M_BAD_JSON', '`room_version` must be a text')
  const version = roomVersion(named)
  if (version) return version
  const sentence = "This server does not support the room's version"
  throw new MatrixError(400, 'M_INCOMPATIBLE_ROOM_VERSION', sentence, { room_version: named })
}

function unsignedState(pdu: JsonObject): JsonValue | undefined {
  const unsigned = ownValue(pdu, 'unsigned')
  return isJsonObject(unsigned) ? ownValue(unsigned, 'invite_room_state') : undefined
}
