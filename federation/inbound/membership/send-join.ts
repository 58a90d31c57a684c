import { jsonText } from '../../../homeserver/http/answer.ts'
import { declareRoutes, type Routes } from '../../../homeserver/http/endpoint.ts'
import type { IncomingRequest } from '../../../homeserver/http/incoming-request.ts'
import type { OpenRoom } from '../../../homeserver/rooms/open-room.ts'
import { signPdu } from '../../../protocol/events/sign.ts'
import type { UnverifiedPdu } from '../../../protocol/events/room-event.ts'
import { serverOf } from '../../../protocol/identifiers/user-id.ts'
import { ownValue, type JsonObject } from '../../../protocol/json/value.ts'
import { serversInRoom } from '../../../storage/rooms/membership-reader.ts'
import type { VerifiedOrigin } from '../authenticate.ts'
import { listText, objectText } from '../history/json-splice.ts'
import { stateBefore, stateTexts } from '../history/state-at-event.ts'
import type { InboundContext } from '../inbound-context.ts'
import { withPolicySignature } from '../policy/recommended-events.ts'
import { wholeRoom } from '../resident-room.ts'
import { acceptMembershipEvent, readMembershipEvent, verifyMembershipEvent } from './read-membership-event.ts'
import { relayed } from './relayed.ts'
import { stateWithoutMembers } from './state-without-members.ts'
import { checkRestrictedJoin } from './restricted-join.ts'
import { signedEndpoint } from '../signed-endpoint.ts'

/** More servers than any room has users on; a bound on the query. */
const MAX_SERVERS = 100_000

/**
 * `PUT /_matrix/federation/v2/send_join/{roomId}/{eventId}`: a user of another server joins through this one. With
 * `omit_members` the members are left out, for the caller to fetch later (MSC3706). Version 1 of the endpoint answers
 * with the whole state, in a pair with the status.
 */
export function sendJoinRoutes(context: InboundContext): Routes {
  const routes = declareRoutes()
  const gate = context.gate()
  routes.put(
    '/_matrix/federation/v2/send_join/:roomId/:eventId',
    signedEndpoint(gate, async (request, { origin }) => {
      const omitMembers = request.query('omit_members') === 'true'
      return jsonText(await takeJoin(context, request, origin, omitMembers))
    }),
  )
  routes.put(
    '/_matrix/federation/v1/send_join/:roomId/:eventId',
    signedEndpoint(gate, async (request, { origin }) =>
      jsonText(
        Buffer.concat([
          Buffer.from('[200,'),
          await takeJoin(context, request, origin, false),
          Buffer.from(']'),
        ]),
      ),
    ),
  )
  return routes
}

/** Takes a join in. @returns the answer's JSON text. */
async function takeJoin(
  context: InboundContext,
  request: IncomingRequest,
  origin: VerifiedOrigin,
  omitMembers: boolean,
): Promise<Buffer> {
  const { rooms } = context
  const [roomId, eventId] = [request.param('roomId'), request.param('eventId')]
  const room = await wholeRoom(context, roomId, origin)
  const { version, roomNid } = room.head
  const expected = { roomId, eventId, membership: 'join', origin } as const
  const read = readMembershipEvent(await request.object(), version, expected)
  const pdu = await authorised(context, room, read)
  const verified = await verifyMembershipEvent(context, pdu, version)
  // A retry of a join that is here already is no further join.
  if (!(await rooms.events.byId(eventId))) context.limits.joinsPerRoom.consume(roomId)
  const event = await withPolicySignature(context, room, verified)
  const servers = await serversInRoom(rooms.queries, roomNid, MAX_SERVERS)
  await relayed(context, event, origin, () => acceptMembershipEvent(context, room, event))
  const { state, authChain } = omitMembers
    ? await stateWithoutMembers(context, room, event)
    : await stateTexts(context, room, await stateBefore(rooms, room, eventId))
  return objectText({
    origin: JSON.stringify(rooms.serverName),
    auth_chain: listText(authChain),
    state: listText(state),
    event: JSON.stringify(event.pdu),
    members_omitted: String(omitMembers),
    servers_in_room: JSON.stringify(servers),
  })
}

/** The join with our signature, where it names one of our users as the member who lets its sender in. */
async function authorised(
  context: InboundContext,
  room: OpenRoom,
  { pdu, content, sender }: UnverifiedPdu,
): Promise<JsonObject> {
  const authoriser = ownValue(content, 'join_authorised_via_users_server')
  const { serverName, signer } = context.rooms
  if (typeof authoriser !== 'string' || serverOf(authoriser) !== serverName) return pdu
  await checkRestrictedJoin(context, room, sender)
  // It leaves this process only once the sender's signature is verified and the rules have accepted the event.
  return signPdu(pdu, room.head.version, signer)
}
