import type { JoinedRoom } from '../../homeserver/rooms/remote-servers.ts'
import type { RoomEvent, SignedPdu } from '../../protocol/events/room-event.ts'
import { serverOf } from '../../protocol/identifiers/user-id.ts'
import { ownValue, type JsonObject } from '../../protocol/json/value.ts'
import { ROOM_VERSIONS } from '../../protocol/room-versions/room-versions.ts'
import { buildFromTemplate, type WantedMembership } from './build-from-template.ts'
import type { RemoteRoomDependencies } from './remote-room-dependencies.ts'
import { UnusableAnswerError } from './try-servers.ts'
import { ToldEvents } from './told-events.ts'
import type { RoomOfVersion } from './verified-events.ts'
import { withSignatureOf } from './with-signature-of.ts'
import { isServerName } from '../../protocol/identifiers/server-name.ts'
import { withoutManyMembers } from './without-many-members.ts'

const ALL_VERSIONS = [...ROOM_VERSIONS.keys()]
/** What a create event without the key means (`m.room.create`). */
const FIRST_VERSION = '1'

/**
 * Joins a room through one resident server (server-server API, "Joining Rooms"). What it tells of the room is
 * verified; whether its state allows the join is judged when the room is adopted.
 *
 * @throws FederationRequestError, UnusableAnswerError
 */
export async function joinRoom(
  dependencies: RemoteRoomDependencies,
  server: string,
  wanted: WantedMembership,
): Promise<JoinedRoom> {
  const { client, signer, keyRing } = dependencies
  const template = await client.makeJoin(server, wanted.roomId, wanted.userId, ALL_VERSIONS)
  const built = buildFromTemplate(wanted, template, signer, dependencies.now())
  const room = { roomId: wanted.roomId, version: built.version }
  const told = new ToldEvents(dependencies, room)
  const options = { omitMembers: true, take: told.take }
  const answer = await client.sendJoin(server, wanted.roomId, built.eventId, built.pdu, options)
  if (answer.membersOmitted && !answer.serversInRoom)
    throw new UnusableAnswerError('it left out members and does not tell the servers in the room')

  const joinEvent = await withAuthoriser(built, answer.event, keyRing)
  const state = (await told.of('state')).filter(isState)
  checkCreate(room, state)
  const authChain = await told.of('auth_chain')
  const joined = { version: built.version.id, joinEvent, state, authChain }
  if (!answer.membersOmitted) return withoutManyMembers(joined)
  return { ...joined, membersOmitted: { servers: serversFrom(server, answer.serversInRoom ?? []) } }
}

/** The servers of a room, first the one that tells: it is the first to be asked for more. */
function serversFrom(told: string, others: readonly string[]): string[] {
  return [...new Set([told, ...others.filter(isServerName)])]
}

/** A restricted join counts only with the signature of the server whose user authorises it. */
async function withAuthoriser(
  built: SignedPdu,
  answered: JsonObject | undefined,
  keyRing: RemoteRoomDependencies['keyRing'],
): Promise<SignedPdu> {
  const authoriser = ownValue(built.content, 'join_authorised_via_users_server')
  if (typeof authoriser !== 'string') return built
  if (!answered) throw new UnusableAnswerError('it did not send the restricted join back')
  return withSignatureOf(serverOf(authoriser), built, answered, keyRing)
}

function isState(event: RoomEvent): boolean {
  return event.stateKey !== undefined
}

function checkCreate({ roomId, version }: RoomOfVersion, state: readonly SignedPdu[]): void {
  const creates = state.filter((event) => event.type === 'm.room.create' && event.stateKey === '')
  const [create] = creates
  if (!create || creates.length > 1) throw new UnusableAnswerError('the state holds no single create event')
  if ((ownValue(create.content, 'room_version') ?? FIRST_VERSION) !== version.id) {
    throw new UnusableAnswerError('the create event is of another room version than the proposed join')
  }
  if (version.roomIdIsCreateHash && roomId !== `!${create.eventId.slice(1)}`) {
    throw new UnusableAnswerError('the room id is not that of the create event')
  }
}
