import { json } from '../../../homeserver/http/answer.ts'
import { declareRoutes, type Routes } from '../../../homeserver/http/endpoint.ts'
import type { IncomingRequest } from '../../../homeserver/http/incoming-request.ts'
import { placeEvent } from '../../../homeserver/rooms/build-event.ts'
import type { OpenRoom } from '../../../homeserver/rooms/open-room.ts'
import { authStateOf } from '../../../protocol/auth-rules/auth-state.ts'
import { checkAuth } from '../../../protocol/auth-rules/check-auth.ts'
import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { isUserId, serverOf } from '../../../protocol/identifiers/user-id.ts'
import type { JsonObject } from '../../../protocol/json/value.ts'
import type { InboundContext } from '../inbound-context.ts'
import { residentRoom, wholeRoom } from '../resident-room.ts'
import { restrictedJoinAuthoriser } from './restricted-join.ts'
import { templateEvent, templatePdu } from './template-pdu.ts'
import { signedEndpoint } from '../signed-endpoint.ts'

/** Servers that do not say which room versions they know are older than all others (`GET /make_join`). */
const UNNAMED_VERSIONS = ['1']

type MadeMembership = 'join' | 'leave' | 'knock'

/**
 * `GET /make_join`, `/make_leave` and `/make_knock`: where an event of another server's user would stand. Nothing is
 * signed or stored; the server builds the event and sends it back.
 */
export function makeMembershipRoutes(context: InboundContext): Routes {
  const routes = declareRoutes()
  const make = (membership: MadeMembership) =>
    signedEndpoint(context.gate(), async (request, { origin }) => {
      const userId = request.param('userId')
      if (!isUserId(userId)) throw new MatrixError(400, 'M_INVALID_PARAM', 'This is not a user id')
      if (serverOf(userId) !== origin) {
        throw new MatrixError(403, 'M_FORBIDDEN', 'The user is not of your server')
      }
      const found = membership === 'leave' ? residentRoom : wholeRoom
      const room = await found(context, request.param('roomId'), origin)
      if (membership !== 'leave') refuseUnknownVersion(request, room)
      const content: JsonObject = { membership }
      const authoriser =
        membership === 'join' ? await restrictedJoinAuthoriser(context, room, userId) : undefined
      if (authoriser !== undefined) content['join_authorised_via_users_server'] = authoriser
      return json({
        room_version: room.head.version.id,
        event: await template(context, room, userId, content),
      })
    })
  routes.get('/_matrix/federation/v1/make_join/:roomId/:userId', make('join'))
  routes.get('/_matrix/federation/v1/make_leave/:roomId/:userId', make('leave'))
  routes.get('/_matrix/federation/v1/make_knock/:roomId/:userId', make('knock'))
  return routes
}

async function template(
  { rooms }: InboundContext,
  room: OpenRoom,
  userId: string,
  content: JsonObject,
): Promise<JsonObject> {
  const draft = { type: 'm.room.member', stateKey: userId, sender: userId, content }
  const placed = await placeEvent(rooms, room, draft)
  const { version } = room.head
  const event = templateEvent(placed.fields, version)
  const auth = checkAuth(event, authStateOf(placed.authEvents, placed.create))
  if (!auth.allowed) throw new MatrixError(403, 'M_FORBIDDEN', auth.reason)
  return templatePdu(placed.fields, version, rooms.serverName)
}

function refuseUnknownVersion(request: IncomingRequest, { head }: OpenRoom): void {
  const named = request.queryAll('ver')
  if ((named.length > 0 ? named : UNNAMED_VERSIONS).includes(head.version.id)) return
  const sentence = "Your server does not support the room's version"
  throw new MatrixError(400, 'M_INCOMPATIBLE_ROOM_VERSION', sentence, { room_version: head.version.id })
}
