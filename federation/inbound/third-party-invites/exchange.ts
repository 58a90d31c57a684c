import { nothing } from '../../../homeserver/http/answer.ts'
import { declareRoutes, type Routes } from '../../../homeserver/http/endpoint.ts'
import type { ExchangedInvite } from '../../../homeserver/rooms/actions/third-party-invites/exchange-invite.ts'
import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { isUserId, serverOf } from '../../../protocol/identifiers/user-id.ts'
import { isJsonObject, ownValue, type JsonObject } from '../../../protocol/json/value.ts'
import type { VerifiedOrigin } from '../authenticate.ts'
import type { InboundContext } from '../inbound-context.ts'
import { residentRoom } from '../resident-room.ts'
import { signedEndpoint } from '../signed-endpoint.ts'

/**
 * `PUT /_matrix/federation/v1/exchange_third_party_invite/{roomId}`: the server of whoever turned out to be invited
 * asks ours, whose user invited, for the invite. Of its event only the user and the identity server's proof are
 * taken; the event is built here.
 */
export function exchangeThirdPartyInviteRoutes(context: InboundContext): Routes {
  const routes = declareRoutes()
  routes.put(
    '/_matrix/federation/v1/exchange_third_party_invite/:roomId',
    signedEndpoint(context.gate(), async (request, { origin }) => {
      const roomId = request.param('roomId')
      const invite = readInvite(context, roomId, await request.object(), origin)
      const room = await residentRoom(context, roomId, origin)
      await context.exchangeThirdPartyInvite(room, invite)
      return nothing()
    }),
  )
  return routes
}

function readInvite(
  { rooms }: InboundContext,
  roomId: string,
  event: JsonObject,
  origin: VerifiedOrigin,
): ExchangedInvite {
  const content = ownValue(event, 'content')
  const thirdParty = isJsonObject(content) ? ownValue(content, 'third_party_invite') : undefined
  const signed = isJsonObject(thirdParty) ? ownValue(thirdParty, 'signed') : undefined
  const sender = ownValue(event, 'sender')
  const userId = ownValue(event, 'state_key')
  if (ownValue(event, 'type') !== 'm.room.member') throw invalid('The event is no membership event')
  if (ownValue(event, 'room_id') !== roomId) throw invalid('The event is of another room than the path says')
  if (!isJsonObject(content) || ownValue(content, 'membership') !== 'invite')
    throw invalid('The event is no invite')
  if (!isJsonObject(signed)) throw invalid('The event has no signed third-party invite')
  if (typeof sender !== 'string' || !isUserId(sender) || serverOf(sender) !== rooms.serverName) {
    throw invalid('The inviting user is not of this server')
  }
  if (typeof userId !== 'string' || !isUserId(userId) || serverOf(userId) !== origin) {
    throw invalid('The invited user is not of your server')
  }
  return { sender, userId, signed }
}

function invalid(sentence: string): MatrixError {
  return new MatrixError(400, 'M_INVALID_PARAM', sentence)
}
